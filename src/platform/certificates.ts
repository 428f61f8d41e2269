import { createHash, type KeyObject, type X509Certificate } from 'node:crypto';

/** SHA-256 over the certificate as DER, base64url: "x5t#S256" (RFC 8705, section 3.1). */
export function thumbprintOf(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('base64url');
}

const leastRsaBits = 2048;
const curves = ['prime256v1', 'secp384r1', 'secp521r1'];

/** The keys that a certificate may have, in words. */
export const strongKeys = `P-256, P-384, P-521, Ed25519, or RSA of ${String(leastRsaBits)} bits or more`;

/** Whether a certificate's key is one of these. */
export function isStrong(key: KeyObject): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ec') return curves.includes(details?.namedCurve ?? '');
  if (type === 'rsa') return (details?.modulusLength ?? 0) >= leastRsaBits;
  return type === 'ed25519';
}
