import { X509Certificate } from 'node:crypto';
import { isStrong, strongKeys, thumbprintOf } from '../platform/certificates.ts';

/** A certificate of a client: what tells it from others, and its own word on how long it is good. */
export interface ClientCertificate {
  readonly thumbprint: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const mostCertificates = 4;
const longestFile = 64 * 1024;

/**
 * Reads one to four certificates (PEM) by which a client is to be known, self-signed or not (RFC
 * 8705, section 2.2), or says what is wrong. A private key is refused, so that nobody hands it out by
 * mistake.
 */
export function readCertificates(
  pem: string,
  now: Date,
): { readonly certificates: readonly ClientCertificate[] } | { readonly wrong: string } {
  if (pem.length > longestFile) return { wrong: 'The file is larger than 64 kB.' };
  if (pem.includes('PRIVATE KEY')) {
    return { wrong: 'This file holds a private key: keep it, and send the certificate alone.' };
  }
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length < 1 || blocks.length > mostCertificates) {
    return { wrong: `The file has 1 to ${String(mostCertificates)} certificates (PEM).` };
  }
  const certificates = new Map<string, ClientCertificate>();
  for (const block of blocks) {
    const certificate = readCertificate(block, now);
    if (typeof certificate === 'string') return { wrong: certificate };
    certificates.set(certificate.thumbprint, certificate);
  }
  return { certificates: [...certificates.values()] };
}

function readCertificate(block: string, now: Date): ClientCertificate | string {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(block);
  } catch {
    return 'A certificate can’t be read.';
  }
  const [notBefore, notAfter] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (notAfter <= now) return `A certificate expired at ${notAfter.toISOString()}.`;
  if (notAfter <= notBefore) return 'A certificate ends before it begins.';
  if (!isStrong(certificate.publicKey)) {
    return `A certificate’s key is ${strongKeys}.`;
  }
  return { thumbprint: thumbprintOf(certificate), notBefore, notAfter };
}
