import { inTransaction } from '../platform/database.ts';
import { readNetworks } from '../platform/networks.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { lockClient, updateClientNetworks } from './client-store.ts';
import { InvalidClient, UnknownClient } from './client.ts';

/**
 * Says from which networks a client is served, its tokens included; undefined: from everywhere. It
 * counts within a second in every process. Refusals: `unknown-client`, `invalid-client`.
 */
export async function setClientNetworks(
  { db, log }: Tools,
  { clientId, networks }: { clientId: string; networks: string | undefined },
): Promise<readonly string[] | null> {
  const given = givenNetworks(networks);
  await inTransaction(db, async (tx) => {
    const client = await lockClient(tx, clientId);
    if (client?.status !== 'active') throw new Refusal(UnknownClient);
    await updateClientNetworks(tx, clientId, given);
  });
  log.info({ clientId, networks: given?.length ?? 'any' }, 'networks of a client set');
  return given;
}

/** Networks parted by commas; null where there are none. Throws Refusal `invalid-client`. */
export function givenNetworks(text: string | undefined): readonly string[] | null {
  if (text === undefined) return null;
  const read = readNetworks(text);
  if ('wrong' in read) throw new Refusal(InvalidClient, read.wrong, { field: 'networks' });
  return read.networks;
}
