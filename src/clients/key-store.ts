import type { Transaction } from '../platform/database.ts';
import type { ClientCertificate } from '../signatures/index.ts';

/**
 * Keeps a key of a client. One that it has already, ended or not, is good again without an end, under
 * the name (kid) that it has now.
 */
export async function insertKey(
  tx: Transaction,
  {
    clientId,
    thumbprint,
    jwk,
    at,
  }: { clientId: string; thumbprint: string; jwk: object; at: Date },
): Promise<void> {
  await tx('client_keys')
    .insert({
      client_id: clientId,
      thumbprint,
      jwk: JSON.stringify(jwk),
      created_at: at,
      expires_at: null,
    })
    .onConflict(['client_id', 'thumbprint'])
    .merge(['expires_at', 'jwk']);
}

/** The keys without an end get one; those that had one end now. */
export async function endKeys(
  tx: Transaction,
  { clientId, now, until }: { clientId: string; now: Date; until: Date },
): Promise<void> {
  const keys = () => tx('client_keys').where('client_keys.client_id', clientId);
  await keys().where('client_keys.expires_at', '>', now).update({ expires_at: now });
  await keys().whereNull('client_keys.expires_at').update({ expires_at: until });
}

/**
 * Takes the turn to fetch a client's keys; false where somebody had it after `before`.
 */
export async function claimKeyFetch(
  tx: Transaction,
  { clientId, now, before }: { clientId: string; now: Date; before: Date },
): Promise<boolean> {
  const taken = await tx('clients')
    .where('clients.client_id', clientId)
    .where((either) => {
      void either
        .whereNull('clients.keys_tried_at')
        .orWhere('clients.keys_tried_at', '<=', before)
        .orWhere('clients.keys_tried_at', '>', now);
    })
    .update({ keys_tried_at: now });
  return taken === 1;
}

export async function updateKeysFetchedAt(
  tx: Transaction,
  clientId: string,
  at: Date,
): Promise<void> {
  await tx('clients').where('clients.client_id', clientId).update({ keys_fetched_at: at });
}

/** Keeps a certificate of a client. One that it has already, ended or not, is good again without an end. */
export async function insertCertificate(
  tx: Transaction,
  { clientId, certificate, at }: { clientId: string; certificate: ClientCertificate; at: Date },
): Promise<void> {
  await tx('client_certificates')
    .insert({
      client_id: clientId,
      thumbprint: certificate.thumbprint,
      not_before: certificate.notBefore,
      not_after: certificate.notAfter,
      created_at: at,
      expires_at: null,
    })
    .onConflict(['client_id', 'thumbprint'])
    .merge(['expires_at']);
}

/** The certificates without an end get one; those that had one end now. */
export async function endCertificates(
  tx: Transaction,
  { clientId, now, until }: { clientId: string; now: Date; until: Date },
): Promise<void> {
  const certificates = () =>
    tx('client_certificates').where('client_certificates.client_id', clientId);
  await certificates()
    .where('client_certificates.expires_at', '>', now)
    .update({ expires_at: now });
  await certificates().whereNull('client_certificates.expires_at').update({ expires_at: until });
}
