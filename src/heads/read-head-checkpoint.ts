import type { Database } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { findNodes } from '../archive/index.ts';
import { findHead, headLog, signCheckpoint, type LogHead } from '../logs/index.ts';
import { groupBy } from '../platform/group.ts';
import { rootFromTiles, tilesFor } from '../transparency/index.ts';
import type { TrustPolicy } from '../verification/index.ts';
import { findCosignatures, type Cosignature } from './cosignature-store.ts';
import { readTrust } from './read-trust.ts';

/** A checkpoint of the head log, signed, with what witnesses said of it. */
export interface HeadCheckpoint {
  readonly size: number;
  readonly checkpoint: string;
  /** Whether the quorum of the trust policy cosigned it; true where the policy asks for nobody. */
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
  const { cosigned, lines } = await findLines(db, head, trust);
  const sizes = cosigned === undefined ? [head.size] : [...new Set([cosigned, head.size])];
  return Promise.all(
    [...sizes].map(async (size) => {
      const root = rootFromTiles(
        size,
        await findNodes({ db, settings }, headLog, tilesFor(size - 1, size)),
      );
      const note = signCheckpoint(settings, { ...head, size, root });
      const below = (lines.get(size) ?? []).map(({ line }) => `${line}\n`);
      return { size, checkpoint: note + below.join(''), isCosigned: size === cosigned };
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

type Lines = ReadonlyMap<number, readonly Cosignature[]>;

/** The last size that has its quorum, and the cosignatures of that size and of the present one. */
async function findLines(
  db: Database,
  { size, origin }: LogHead,
  trust: TrustPolicy | undefined,
): Promise<{ cosigned: number | undefined; lines: Lines }> {
  const latest = await cosignaturesUpTo(db, size);
  if (!trust || hasQuorum(trust, [])) return { cosigned: size, lines: latest };
  const quorum = await findQuorum(db, { origin, size, trust, latest });
  const present = latest.get(size) ?? [];
  const lines = new Map([[size, present], ...(quorum ? [quorum] : [])]);
  return { cosigned: quorum?.[0], lines };
}

/** The last size with its quorum up to another size, and its cosignatures; undefined: there is none. */
interface Searched {
  readonly origin: string;
  readonly trust: TrustPolicy;
  readonly size: number;
  readonly quorum: readonly [number, readonly Cosignature[]] | undefined;
}

/** What was found last: while a witness is away nobody searches all that it missed again and again. */
const searched = new WeakMap<Database, Searched>();

async function findQuorum(
  db: Database,
  { latest, ...asked }: Omit<Searched, 'quorum'> & { latest: Lines },
): Promise<Searched['quorum']> {
  const { origin, trust, size } = asked;
  const known = searched.get(db);
  const isOfThis = known?.origin === origin && known.trust === trust && known.size <= size;
  let page = latest;
  let quorum: Searched['quorum'];
  for (;;) {
    quorum = [...page].find(([, lines]) => hasQuorum(trust, lines));
    const least = Math.min(...page.keys());
    if (quorum || page.size === 0) break;
    // The latest page is read each time: to its sizes a cosignature may still come.
    if (isOfThis && least <= known.size + 1) {
      quorum = known.quorum;
      break;
    }
    page = await cosignaturesUpTo(db, least - 1);
  }
  searched.set(db, { ...asked, quorum });
  return quorum;
}

async function cosignaturesUpTo(db: Database, size: number): Promise<Lines> {
  return groupBy(await findCosignatures(db, size), (one) => one.size);
}

function hasQuorum({ contacts, isMetBy }: TrustPolicy, lines: readonly Cosignature[]): boolean {
  const cosigners = contacts.filter(({ vkey }) => lines.some((line) => line.vkey === vkey));
  return isMetBy(cosigners.map(({ key }) => key));
}
