import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { readCertificates, type ClientCertificate } from '../signatures/index.ts';
import { endCertificates, insertCertificate } from './key-store.ts';
import { lockClient } from './client-store.ts';
import { InvalidClient, UnknownClient } from './client.ts';

/**
 * Gives a client its next certificates. Those before them stay good for the overlap (in seconds; 0
 * ends them now, and the tokens bound to them), any older ones end now; one that is given again stays
 * without an end. Refusals: `unknown-client`, `invalid-client` (the file, or a client that has
 * none).
 */
export async function rotateClientCertificates(
  { db, clock }: Tools,
  { clientId, pem, overlapSeconds }: { clientId: string; pem: string; overlapSeconds: number },
): Promise<{ olderUntil: Date; thumbprints: readonly string[] }> {
  const now = clock.now();
  const certificates = givenCertificates(pem, now);
  const olderUntil = new Date(now.getTime() + overlapSeconds * 1000);
  await inTransaction(db, async (tx) => {
    const client = await lockClient(tx, clientId);
    if (client?.status !== 'active') throw new Refusal(UnknownClient);
    if (client.authMethod !== 'self_signed_tls_client_auth') {
      throw new Refusal(InvalidClient, 'The client has no certificates: add one that has.');
    }
    await endCertificates(tx, { clientId, now, until: olderUntil });
    for (const certificate of certificates) {
      await insertCertificate(tx, { clientId, certificate, at: now });
    }
  });
  return { olderUntil, thumbprints: certificates.map(({ thumbprint }) => thumbprint) };
}

/** The certificates of a file (PEM). Throws Refusal `invalid-client`. */
export function givenCertificates(pem: string, now: Date): readonly ClientCertificate[] {
  const read = readCertificates(pem, now);
  if ('wrong' in read) throw new Refusal(InvalidClient, read.wrong, { field: 'certificate' });
  return read.certificates;
}
