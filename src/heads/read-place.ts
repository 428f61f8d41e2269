import type { Database } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { findEntries, findNodes } from '../archive/index.ts';
import { headLog, type LoggedEntry } from '../logs/index.ts';
import {
  pathFromTiles,
  placeOf,
  placeSalt,
  placeTree,
  tilesFor,
  type PlaceTree,
} from '../transparency/index.ts';
import { findPlaces, type LogPlace } from './place-store.ts';
import { readHeadCheckpoints, type HeadCheckpoint } from './read-head-checkpoint.ts';

/** Where a log stands in the head log, and what shows it. */
export interface ProvenPlace {
  /** How far the log had come at the beat. */
  readonly log: LogPlace;
  /** Opens the log's leaf in the tree of the beat. */
  readonly salt: Buffer;
  readonly path: readonly Buffer[];
  /** The beat's entry in the head log, under a checkpoint of it. */
  readonly head: {
    readonly entry: string;
    readonly index: number;
    readonly path: readonly Buffer[];
    readonly checkpoint: string;
    /** Whether the quorum cosigned the checkpoint; if not, it may still. */
    readonly isCosigned: boolean;
  };
}

/**
 * The place of a recipient's log at the last published beat at which it was larger than `index`, or,
 * where no published one is, at the last beat of all. Undefined where no beat has covered that entry.
 */
export async function readPlace(
  tools: Pick<Tools, 'db' | 'settings'>,
  { recipientId, index }: { recipientId: string; index: number },
): Promise<ProvenPlace | undefined> {
  for (const checkpoint of await readHeadCheckpoints(tools)) {
    const place = await placeUnder(tools, recipientId, checkpoint);
    if (place && place.log.size > index) return place;
  }
  return undefined;
}

async function placeUnder(
  tools: Pick<Tools, 'db' | 'settings'>,
  recipientId: string,
  { size, checkpoint, isCosigned }: HeadCheckpoint,
): Promise<ProvenPlace | undefined> {
  const beat = await findBeat(tools, size);
  if (!beat) return undefined;
  const { places, tree } = await treeAt(tools.db, beat);
  const log = places.find((place) => place.recipientId === recipientId);
  if (!log) return undefined;
  const { index, entry, secret } = beat;
  const nodes = await findNodes(tools, headLog, tilesFor(index, size));
  return {
    log,
    salt: placeSalt(secret, log.origin),
    path: tree.pathOf(placeOf(log.origin)),
    head: { entry, index, path: pathFromTiles(index, size, nodes), checkpoint, isCosigned },
  };
}

/** The last beat among the first entries of the head log, so many of them. */
async function findBeat(
  tools: Pick<Tools, 'db' | 'settings'>,
  size: number,
): Promise<Beat | undefined> {
  for (let index = size - 1; index >= 0; index -= 1) {
    const [entry] = await findEntries(tools, headLog, { from: index, to: index + 1 });
    if (!entry) return undefined;
    const { event } = JSON.parse(entry.entry) as { event: string };
    // Nobody is ever erased from a beat, so it has its secret.
    if (event === 'beat' && entry.secret) return { ...entry, secret: entry.secret };
  }
  return undefined;
}

type Beat = LoggedEntry & { readonly secret: Buffer };

interface BeatTree {
  readonly beat: number;
  readonly places: readonly LogPlace[];
  readonly tree: PlaceTree;
}

/** The last tree that was made, for each database: a beat's tree never changes. */
const trees = new WeakMap<Database, BeatTree>();

async function treeAt(db: Database, { index, secret }: Beat): Promise<BeatTree> {
  const known = trees.get(db);
  if (known?.beat === index) return known;
  const places = await findPlaces(db, index);
  const made = { beat: index, places, tree: placeTree(secret, places) };
  trees.set(db, made);
  return made;
}
