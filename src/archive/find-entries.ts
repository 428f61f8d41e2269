import {
  findStoredEntries,
  findStoredEntry,
  findStoredEvidence,
  findStoredEvidenceAt,
  findStoredNodes,
  type KeptEntry,
  type LoggedEntry,
  type StoredEntry,
} from '../logs/index.ts';
import type { Settings } from '../platform/settings.ts';
import type { Tools } from '../platform/tools.ts';
import type { Tile, TreeNode } from '../transparency/index.ts';
import { bundleWidth, type ArchivedEntry } from './archive-rules.ts';
import { readArchivedBundle } from './read-bundle.ts';

/** Entries wherever they are: in the database, or in the archive. */

interface Where extends Pick<Tools, 'db'> {
  readonly settings: Pick<Settings, 'logArchive'>;
}

/** One entry of this recipient's log, by its UUID. Throws Refusal `log-archive-unavailable`. */
export async function findEntry(
  where: Where,
  recipientId: string,
  entryId: string,
): Promise<LoggedEntry | undefined> {
  const stored = await findStoredEntry(where.db, recipientId, entryId);
  return stored && (await whole(where, recipientId, [stored]))[0];
}

/** The entries with an index from `from` to below `to`, in order. Throws the same. */
export async function findEntries(
  where: Where,
  recipientId: string,
  range: { from: number; to: number },
): Promise<LoggedEntry[]> {
  return whole(where, recipientId, await findStoredEntries(where.db, recipientId, range));
}

/** An entry with everything that is kept beside it. Throws the same. */
export async function findEvidence(
  where: Where,
  recipientId: string,
  entryId: string,
): Promise<KeptEntry | undefined> {
  const stored = await findStoredEvidence(where.db, recipientId, entryId);
  return stored && (await whole(where, recipientId, [stored]))[0];
}

/** The same for entries by their indices, in order. Throws the same. */
export async function findEvidenceAt(
  where: Where,
  recipientId: string,
  indices: readonly number[],
): Promise<KeptEntry[]> {
  return whole(where, recipientId, await findStoredEvidenceAt(where.db, recipientId, indices));
}

/** The nodes of these tiles; at level 0 the leaves. Throws the same. */
export async function findNodes(
  where: Where,
  recipientId: string,
  tiles: readonly Tile[],
): Promise<TreeNode[]> {
  const nodes = await findStoredNodes(where.db, recipientId, tiles);
  const leaves = new Set(nodes.filter(({ level }) => level === 0).map(({ index }) => index));
  const archived = archiveOf(where, recipientId);
  for (const { from, to } of tiles.filter(({ level }) => level === 0)) {
    for (let index = from; index < to; index += 1) {
      if (leaves.has(index)) continue;
      nodes.push({ level: 0, index, hash: (await archived(index)).leafHash });
    }
  }
  return nodes;
}

/** What is detached, read from the archive and put in its place. */
async function whole<Stored extends StoredEntry>(
  where: Where,
  recipientId: string,
  stored: readonly Stored[],
): Promise<(Stored & LoggedEntry)[]> {
  const archived = archiveOf(where, recipientId);
  const entries: (Stored & LoggedEntry)[] = [];
  for (const one of stored) {
    const { index, entryId, entry, leafHash } = one;
    const isStored = entryId !== null && entry !== null && leafHash !== null;
    const found = isStored ? { index, entryId, entry, leafHash } : await archived(index);
    entries.push({ ...one, ...found });
  }
  return entries;
}

/** Reads detached entries by their index, each bundle once. */
function archiveOf(where: Where, recipientId: string) {
  const bundles = new Map<number, readonly ArchivedEntry[]>();
  return async (index: number): Promise<ArchivedEntry> => {
    const bundle = Math.floor(index / bundleWidth);
    const read = bundles.get(bundle) ?? (await readArchivedBundle(where, recipientId, bundle));
    bundles.set(bundle, read);
    const entry = read[index % bundleWidth];
    if (!entry) throw new Error('A bundle of the archive is whole.');
    return entry;
  };
}
