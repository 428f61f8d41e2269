import type { Tools } from '../platform/tools.ts';
import { findNodes } from '../archive/index.ts';
import { findHead, headLog, signHead, type LogHead } from '../logs/index.ts';
import { consistencyFromTiles, tilesFor } from '../transparency/index.ts';
import type { TrustPolicy } from '../verification/index.ts';
import { askWitness, type Asked } from '../witness/index.ts';
import { findLastCosigned, insertCosignature } from './cosignature-store.ts';
import { readTrust } from './read-trust.ts';

/** What one witness answered. */
export type WitnessAnswer = Asked & { readonly name: string };

/**
 * Asks every witness of the trust policy, all at once, to cosign the head log as it is now, and keeps
 * what they say. A witness that refuses or is away holds nobody up; the next beat asks again.
 */
export async function cosignHead(tools: Asking): Promise<readonly WitnessAnswer[]> {
  const trust = await readTrust(tools.settings);
  const head = await findHead(tools.db, headLog);
  if (!trust || !head || head.size === 0) return [];
  return askWitnesses(tools, { trust, head });
}

type Asking = Pick<Tools, 'db' | 'settings' | 'log'>;

/** The same of a head that was read. */
export async function askWitnesses(
  { db, settings, log }: Asking,
  { trust, head }: { trust: TrustPolicy; head: LogHead },
): Promise<readonly WitnessAnswer[]> {
  const { size } = head;
  const note = signHead(settings, head);
  return Promise.all(
    trust.contacts.map(async ({ name, vkey, url }) => {
      const answer = await askWitness({
        witness: { name, vkey, url },
        note,
        lastSize: await findLastCosigned(db, vkey),
        consistency: async (from) =>
          consistencyFromTiles(
            from,
            size,
            await findNodes({ db, settings }, headLog, tilesFor(from - 1, size)),
          ),
      });
      if ('refused' in answer) tell(log, { name, answer, size });
      // Of a log without entries there is nothing to publish.
      else if (size > 0)
        await insertCosignature(db, { size, vkey, line: answer.cosigned.trimEnd() });
      return { name, ...answer };
    }),
  );
}

/** A witness that has seen more than there is tells of a roll-back, which somebody must act on. */
function tell(
  log: Tools['log'],
  {
    name,
    answer,
    size,
  }: { name: string; answer: Extract<Asked, { refused: string }>; size: number },
): void {
  const facts = { witness: name, because: answer.refused };
  const isBehind = answer.lastSize !== undefined && answer.lastSize > size;
  if (isBehind) log.error(facts, 'a witness has cosigned more of the head log than there is');
  else log.warn(facts, 'a witness did not cosign');
}
