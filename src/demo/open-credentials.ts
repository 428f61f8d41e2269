import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Partner } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import { addClient, findClients, rotateClientSecret } from '../clients/index.ts';

const clientName = 'demo';

/**
 * The file with the credentials of a partner's client, for a shell to read (`. FILE`), made where it
 * is missing: outside the demo a secret is shown once and kept nowhere. Its owner alone can read it.
 * A client whose file is lost gets a new secret, and the old one ends.
 */
export async function openCredentials(tools: Tools, partner: Partner): Promise<string> {
  const folder = join(tools.settings.dataDir, 'demo');
  const file = join(folder, `${partner.key}.env`);
  const clients = (await findClients(tools.db, tools.clock.now())).filter(
    ({ partnerId, name, status }) =>
      partnerId === partner.id && name === clientName && status === 'active',
  );
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (clients.some(({ clientId }) => kept.includes(`CLIENT_ID='${clientId}'\n`))) return file;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { clientId, secret } = await newSecret(tools, partner, clients[0]?.clientId);
  const draft = await open(`${file}.new`, 'w', 0o600);
  try {
    await draft.writeFile(`CLIENT_ID='${clientId}'\nCLIENT_SECRET='${secret}'\n`);
    await draft.sync();
  } finally {
    await draft.close();
  }
  await rename(`${file}.new`, file);
  return file;
}

async function newSecret(tools: Tools, partner: Partner, clientId: string | undefined) {
  if (clientId === undefined) {
    const added = await addClient(tools, { partnerId: partner.id, name: clientName });
    return { clientId: added.client.clientId, secret: added.secret };
  }
  const { secret } = await rotateClientSecret(tools, { clientId, overlapSeconds: 0 });
  return { clientId, secret };
}
