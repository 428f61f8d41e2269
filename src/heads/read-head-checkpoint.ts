import type { Tools } from '../platform/tools.ts';
import { findNodes } from '../archive/index.ts';
import { findHead, headLog, signCheckpoint } from '../logs/index.ts';
import { groupBy } from '../platform/group.ts';
import { rootFromTiles, tilesFor } from '../transparency/index.ts';
import type { TrustPolicy } from '../verification/index.ts';
import { findCosignatures, type Cosignature } from './cosignature-store.ts';
import { readTrust } from './read-trust.ts';

/** A checkpoint of the head log, signed, with what witnesses said of it. */
export interface HeadCheckpoint {
  readonly size: number;
  readonly checkpoint: string;
  /** Whether the quorum of the trust policy cosigned it; true where there is no policy. */
  readonly isCosigned: boolean;
}

/**
 * The checkpoints of the head log that can be shown: the last one that has its quorum, which is the
 * published one, and the last one of all where that is another. None before the first beat.
 */
export async function readHeadCheckpoints({
  db,
  settings,
}: Pick<Tools, 'db' | 'settings'>): Promise<readonly HeadCheckpoint[]> {
  const head = await findHead(db, headLog);
  if (!head || head.size === 0) return [];
  const trust = await readTrust(settings);
  const bySize = groupBy(await findCosignatures(db, head.size), ({ size }) => size);
  const cosigned = [...bySize].find(([, lines]) => trust && hasQuorum(trust, lines))?.[0];
  const sizes = new Set(cosigned === undefined ? [head.size] : [cosigned, head.size]);
  return Promise.all(
    [...sizes].map(async (size) => {
      const root = rootFromTiles(
        size,
        await findNodes({ db, settings }, headLog, tilesFor(size - 1, size)),
      );
      const note = signCheckpoint(settings, { ...head, size, root });
      const lines = (bySize.get(size) ?? []).map(({ line }) => `${line}\n`);
      const isCosigned = !trust || size === cosigned;
      return { size, checkpoint: note + lines.join(''), isCosigned };
    }),
  );
}

/** The published checkpoint of the head log; undefined before the first beat. */
export async function readHeadCheckpoint(
  tools: Pick<Tools, 'db' | 'settings'>,
): Promise<HeadCheckpoint | undefined> {
  const [published] = await readHeadCheckpoints(tools);
  return published;
}

function hasQuorum({ contacts, isMetBy }: TrustPolicy, lines: readonly Cosignature[]): boolean {
  const cosigners = contacts.filter(({ vkey }) => lines.some((line) => line.vkey === vkey));
  return isMetBy(cosigners.map(({ key }) => key));
}
