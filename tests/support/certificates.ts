import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { thumbprintOf } from '../../src/platform/certificates.ts';

export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
  /** As tokens are bound to it (RFC 8705). */
  readonly thumbprint: string;
}

/** A certificate of its own making for a name, and its key (PEM). A name of digits is an address. */
export async function selfSigned(
  name: string,
  given: { from?: Date; until?: Date; rsaBits?: number } = {},
): Promise<MadeCertificate> {
  const { from, until, rsaBits } = given;
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    ...(rsaBits === undefined ? { keyType: 'ec' } : { keyType: 'rsa', keySize: rsaBits }),
    ...(from && { notBeforeDate: from }),
    ...(until && { notAfterDate: until }),
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
      {
        name: 'subjectAltName',
        altNames: [/^[0-9.]+$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name }],
      },
    ],
  });
  return { cert, key, thumbprint: thumbprintOf(new X509Certificate(cert)) };
}
