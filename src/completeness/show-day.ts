import type { Tools } from '../platform/tools.ts';
import { dayLeaves } from './day-leaves.ts';
import { pseudonymOf, type DigestText } from './digest-rules.ts';
import { findSecrets, giveSecrets } from './digest-store.ts';
import { growDayTree, type PlacedLeaf } from './tree-rules.ts';

/** The customer's log secret; one that has none yet is given one. */
export async function readSecret(
  { db, random }: Pick<Tools, 'db' | 'random'>,
  customerId: string,
): Promise<Buffer> {
  const known = await findSecrets(db, [customerId]);
  const made = known.has(customerId)
    ? known
    : await giveSecrets(db, [customerId], () => random.bytes(32));
  const secret = made.get(customerId);
  if (!secret) throw new Error('A customer was given no log secret.');
  return secret;
}

/**
 * A customer's leaf in the digest of a day, or the one or two between which it would stand. Grows the
 * day's tree again, which must still have the root of the digest.
 */
export async function showDay(
  tools: Pick<Tools, 'db' | 'random'>,
  { recipientId, digest, secret }: { recipientId: string; digest: DigestText; secret: Buffer },
): Promise<readonly PlacedLeaf[]> {
  const { log: origin, day, from, to, size, root } = digest;
  if (size === 0) return [];
  const covered = { recipientId, origin, day, from, to };
  const wanted = pseudonymOf(secret, origin, day);
  const grown = await growDayTree(() => dayLeaves(tools, covered), { wanted });
  if (grown.size !== size || grown.root.toString('base64url') !== root) {
    throw new Error(`The subject index of ${origin} does not have the digest of ${day}.`);
  }
  return grown.shown;
}
