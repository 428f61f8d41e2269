import type { Transaction } from '../platform/database.ts';
import type { ClientCertificate } from '../signatures/index.ts';

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
