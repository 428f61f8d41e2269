import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { emptyHead, findHead, headLog } from '../logs/index.ts';
import { LogRollback, type Lost } from '../renewals/index.ts';
import { askWitnesses } from './cosign-head.ts';
import { readTrust } from './read-trust.ts';

type Asking = Pick<Tools, 'db' | 'settings' | 'log'>;

/**
 * Resolves where no witness of the trust policy has cosigned more of the head log than the database
 * has. Throws Refusal `log-rollback` where one has: it remembers though nothing is kept beside the
 * database any more. One that is away holds nobody up, and is logged.
 */
export async function guardWitnesses(tools: Asking): Promise<void> {
  const lost = await findWitnessed(tools);
  if (!lost) return;
  throw new Refusal(
    LogRollback,
    `it has ${String(lost.found)} entries of the head log ${lost.origin}, and ${lost.witness} has cosigned ${String(lost.size)}. Restore a newer backup, or let the logs go on under new names: \`sluice log renew --reason …\`.`,
  );
}

/** The most that a witness has cosigned and is gone, and who says so; undefined where nothing is. */
export async function findWitnessed(
  tools: Asking,
): Promise<(Lost & { readonly witness: string }) | undefined> {
  const trust = await readTrust(tools.settings);
  if (!trust) return undefined;
  const head = (await findHead(tools.db, headLog)) ?? emptyHead(tools.settings);
  const answers = await askWitnesses(tools, { trust, head });
  const told = answers.map((one) => ({
    witness: one.name,
    size: 'refused' in one ? (one.lastSize ?? 0) : 0,
  }));
  const [most] = told.toSorted((one, other) => other.size - one.size);
  // Another process may have taken a beat since, and had it cosigned.
  const found = (await findHead(tools.db, headLog))?.size ?? 0;
  if (!most || most.size <= found) return undefined;
  return { ...most, origin: head.origin, root: undefined, found };
}
