import {
  entriesOfBundle,
  hashesOfTile,
  isSame,
  leafHash,
  peaksOf,
  rootOfPeaks,
  textOf,
  tilePath,
  tileWidth,
} from '../notes/index.ts';
import {
  claimed,
  fails,
  openCheckpoint,
  readTrust,
  signersOf,
  verdictOf,
  type GivenTrust,
  type Witness,
} from './trust-rules.ts';

/** Reads a file of the log by its path ("checkpoint", "tile/0/x001/234.p/5"), undefined if absent. */
export type ReadTile = (path: string) => Promise<Uint8Array | undefined>;

/** What a whole log shows, or the first reason why it shows nothing. */
export type TilesVerdict =
  | {
      readonly holds: true;
      readonly origin: string;
      /** So many entries were hashed. */
      readonly size: number;
      /** So many tiles of hashes were compared. */
      readonly tiles: number;
      readonly witnesses: readonly Witness[];
      readonly quorum: string | null;
    }
  | { readonly holds: false; readonly because: string };

/**
 * Verifies a whole log as tiles: hashes every entry, compares every tile with the hashes below it and
 * the root of all with the checkpoint that the log, and the policy's quorum, signed.
 */
export async function verifyTiles(
  given: GivenTrust & { readonly readTile: ReadTile },
): Promise<TilesVerdict> {
  return verdictOf(async () => {
    const { readTile } = given;
    const trust = await readTrust(given);
    const what = 'the checkpoint';
    const note = textOf((await readTile('checkpoint')) ?? fails('there is no checkpoint')) ?? '';
    const { origin } = claimed(note, what);
    const signers = await signersOf(origin, trust);
    const { policy } = trust;
    const { size, root, witnesses } = await openCheckpoint(note, { signers, policy, what });
    const found = await hashAll(size, readTile);
    if (!isSame(found.root, root)) fails('the root of the entries is not the one that was signed');
    const quorum = policy?.quorum ?? null;
    return { holds: true as const, origin, size, tiles: found.tiles, witnesses, quorum };
  });
}

/** The root of all entries, each tile compared as soon as all below it is known. */
async function hashAll(
  size: number,
  readTile: ReadTile,
): Promise<{ root: Uint8Array; tiles: number }> {
  // For each level of tiles the hashes that no full tile holds yet.
  const edges: Uint8Array[][] = [[]];
  const fulls: number[] = [];
  let tiles = 0;
  const compare = async (level: number, hashes: readonly Uint8Array[]) => {
    await compareTile({ level, index: fulls[level] ?? 0, hashes }, readTile);
    tiles += 1;
  };
  for (let from = 0; from < size; from += tileWidth) {
    let hashes = await hashBundle(from / tileWidth, Math.min(tileWidth, size - from), readTile);
    edges[0] = hashes;
    for (let level = 0; hashes.length === tileWidth; level += 1) {
      await compare(level, hashes);
      fulls[level] = (fulls[level] ?? 0) + 1;
      edges[level] = [];
      hashes = [...(edges[level + 1] ?? []), await rootOfPeaks(await peaksOf(hashes))];
      edges[level + 1] = hashes;
    }
  }
  const peaks: Uint8Array[][] = [];
  for (const [level, hashes] of edges.entries()) {
    if (hashes.length > 0) await compare(level, hashes);
    peaks.unshift(await peaksOf(hashes));
  }
  return { root: await rootOfPeaks(peaks.flat()), tiles };
}

async function hashBundle(index: number, width: number, readTile: ReadTile): Promise<Uint8Array[]> {
  const { path, bytes, holds } = await readWide({ level: 'entries', index, width }, readTile);
  const entries = entriesOfBundle(bytes);
  if (entries?.length !== holds) fails(`${path} is not a bundle of ${String(holds)} entries`);
  return Promise.all(entries.slice(0, width).map(leafHash));
}

async function compareTile(
  tile: { level: number; index: number; hashes: readonly Uint8Array[] },
  readTile: ReadTile,
): Promise<void> {
  const { level, index, hashes } = tile;
  const width = hashes.length;
  const { path, bytes, holds } = await readWide({ level, index, width }, readTile);
  const stored = hashesOfTile(bytes);
  if (stored?.length !== holds) fails(`${path} is not a tile of ${String(holds)} hashes`);
  const wrong = hashes.findIndex((hash, at) => !isSame(hash, stored[at] ?? hash.subarray(1)));
  if (wrong < 0) return;
  const leaves = tileWidth ** level;
  const first = (index * tileWidth + wrong) * leaves;
  const which = level === 0 ? String(first) : `${String(first)} to ${String(first + leaves - 1)}`;
  fails(`${path} holds another hash than that of ${level === 0 ? 'entry' : 'entries'} ${which}`);
}

/** A tile of this width, or the full one that it has become since the checkpoint. */
async function readWide(
  { level, index, width }: { level: number | 'entries'; index: number; width: number },
  readTile: ReadTile,
): Promise<{ path: string; bytes: Uint8Array; holds: number }> {
  for (const holds of new Set([width, tileWidth])) {
    const path = tilePath(level, index, holds);
    const bytes = await readTile(path);
    if (bytes) return { path, bytes, holds };
  }
  return fails(`${tilePath(level, index, width)} is missing`);
}
