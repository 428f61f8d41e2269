import { fetchPublic, FetchRefused, type FetchLimits } from '../platform/http/fetch-public.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { lockClient } from './client-store.ts';
import { InvalidClient } from './client.ts';
import { againMs } from './client-rules.ts';
import { claimKeyFetch, endKeys, insertKey, updateKeysFetchedAt } from './key-store.ts';
import { givenKeys } from './rotate-client-keys.ts';

/** The keys at a URL (a JWK Set). Throws Refusal `invalid-client` with the field `jwksUri`. */
export async function fetchKeys(
  url: string,
  limits: Partial<FetchLimits> = {},
): ReturnType<typeof givenKeys> {
  try {
    const body = await fetchPublic(url, { most: 16 * 1024, seconds: 5, ...limits });
    return await givenKeys(body.toString());
  } catch (error) {
    if (!(error instanceof FetchRefused) && !(error instanceof Refusal)) throw error;
    throw new Refusal(InvalidClient, `${url} gives no keys: ${error.message}`, {
      field: 'jwksUri',
    });
  }
}

/**
 * Fetches the keys of a client again, once a minute in all processes together: those that are there no
 * more end now, new ones count at once. Where its host can't be reached, or gives no keys, it leaves
 * them as they are, logs why and answers false.
 */
export async function refreshClientKeys(
  { db, clock, log }: Pick<Tools, 'db' | 'clock' | 'log'>,
  { clientId, url }: { clientId: string; url: string },
  limits?: Partial<FetchLimits>,
): Promise<boolean> {
  const now = clock.now();
  const before = new Date(now.getTime() - againMs);
  if (!(await inTransaction(db, (tx) => claimKeyFetch(tx, { clientId, now, before }))))
    return false;
  const keys = await fetchKeys(url, limits).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    log.warn({ clientId, because: error.message }, 'keys not fetched');
    return undefined;
  });
  if (!keys) return false;
  await inTransaction(db, async (tx) => {
    const client = await lockClient(tx, clientId);
    if (client?.status !== 'active') return;
    await endKeys(tx, { clientId, now, until: now });
    for (const key of keys) await insertKey(tx, { clientId, ...key, at: now });
    await updateKeysFetchedAt(tx, clientId, now);
  });
  return true;
}
