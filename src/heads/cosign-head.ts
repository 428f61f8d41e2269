import type { Tools } from '../platform/tools.ts';
import { findNodes } from '../archive/index.ts';
import { findHead, headLog, signHead } from '../logs/index.ts';
import { consistencyFromTiles, tilesFor } from '../transparency/index.ts';
import { askWitness, type Asked } from '../witness/index.ts';
import { findLastCosigned, insertCosignature } from './cosignature-store.ts';
import { readTrust } from './read-trust.ts';

/** What one witness answered. */
export type WitnessAnswer = Asked & { readonly name: string };

/**
 * Asks every witness of the trust policy, all at once, to cosign the head log as it is now, and keeps
 * what they say. A witness that refuses or is away holds nobody up; the next beat asks again.
 */
export async function cosignHead(
  tools: Pick<Tools, 'db' | 'settings' | 'log'>,
): Promise<readonly WitnessAnswer[]> {
  const { db, settings, log } = tools;
  const trust = await readTrust(settings);
  const head = await findHead(db, headLog);
  if (!trust || !head || head.size === 0) return [];
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
      if ('cosigned' in answer)
        await insertCosignature(db, { size, vkey, line: answer.cosigned.trimEnd() });
      else tell(log, { name, answer, size });
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
