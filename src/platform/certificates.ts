import { createHash, type X509Certificate } from 'node:crypto';

/** SHA-256 over the certificate as DER, base64url: "x5t#S256" (RFC 8705, section 3.1). */
export function thumbprintOf(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('base64url');
}
