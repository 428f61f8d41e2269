import { findEntries, findNodes } from '../archive/index.ts';
import { readHeadCheckpoint } from '../heads/index.ts';
import { findHead, headLog, type LogHead } from '../logs/index.ts';
import { NotFound } from '../platform/http/kinds.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  entryBundle,
  hasTile,
  nodesOfTile,
  parseTilePath,
  type TilePlace,
} from '../transparency/index.ts';

type Reading = Pick<Tools, 'db' | 'settings'>;

interface TileName {
  /** "0", "1", …; "entries" for a bundle of entries. */
  readonly level: string;
  /** What stands behind the level: "x001/234.p/5". */
  readonly place: string;
}

interface TileAsk extends TileName {
  /** Who asks: everybody's log is its own alone. */
  readonly recipientId: string;
  readonly logId: string;
}

/**
 * The bytes of a tile of a recipient's log, for its owner: hashes end to end, or a bundle of entries
 * (C2SP tlog-tiles). What is read once never changes. Throws Refusal `not-found` for a path that is
 * none, for what the log does not have yet, and for everybody else's log; `log-archive-unavailable`.
 */
export async function readTile(tools: Reading, ask: TileAsk): Promise<Buffer> {
  const head = await findHead(tools.db, ask.recipientId);
  if (head?.logId !== ask.logId) throw new Refusal(NotFound);
  return tileOf(tools, head, ask);
}

/** The same of the head log, which is everybody's, under its present id. */
export async function readHeadTile(
  tools: Reading,
  { logId, ...name }: TileName & { readonly logId: string },
): Promise<Buffer> {
  const head = await findHead(tools.db, headLog);
  if (head?.logId !== logId) throw new Refusal(NotFound);
  return tileOf(tools, head, name);
}

/**
 * The published checkpoint of the head log under its present id. Throws Refusal `not-found` for
 * another, and before the first beat.
 */
export async function readHeadNote(tools: Reading, logId: string): Promise<string> {
  const head = await findHead(tools.db, headLog);
  if (head?.logId !== logId) throw new Refusal(NotFound);
  const published = await readHeadCheckpoint(tools);
  if (!published) throw new Refusal(NotFound);
  return published.checkpoint;
}

async function tileOf(
  tools: Reading,
  { recipientId, size }: LogHead,
  { level, place }: TileName,
): Promise<Buffer> {
  const isBundle = level === 'entries';
  const tile = parseTilePath(isBundle ? '0' : level, place);
  if (!tile || !hasTile(size, tile)) throw new Refusal(NotFound);
  return isBundle ? bundleOf(tools, recipientId, tile) : hashesOf(tools, recipientId, tile);
}

async function bundleOf(tools: Reading, recipientId: string, tile: TilePlace): Promise<Buffer> {
  const { from, to } = nodesOfTile(tile);
  const entries = await findEntries(tools, recipientId, { from, to });
  return entryBundle(whole(tile, entries).map(({ entry }) => Buffer.from(entry)));
}

async function hashesOf(tools: Reading, recipientId: string, tile: TilePlace): Promise<Buffer> {
  const nodes = await findNodes(tools, recipientId, [nodesOfTile(tile)]);
  const inOrder = nodes.toSorted((one, other) => one.index - other.index);
  return Buffer.concat(whole(tile, inOrder).map(({ hash }) => hash));
}

function whole<Node>({ width }: TilePlace, nodes: readonly Node[]): readonly Node[] {
  if (nodes.length !== width) throw new Error('A tile of the log has gaps.');
  return nodes;
}
