import { entryIdOf, leafHash, readBundle, rootOf, tilePathOf } from '../transparency/index.ts';
import { uuidText } from '../platform/uuid.ts';

/** So many entries are in a bundle and so many hashes in a tile. */
export const bundleWidth = 256;

/** The least id (UUIDv7) of a day or later. */
export function leastIdOf(day: string): string {
  const milliseconds = Date.parse(`${day}T00:00:00Z`);
  return uuidText(Buffer.from(milliseconds.toString(16).padStart(12, '0').padEnd(32, '0'), 'hex'));
}

/**
 * How many entries of a log may go into files: whole bundles, of which no entry is of an open month;
 * never the last entry, which tells whoever appends how far the log has come.
 */
export function closedEntries({ size, firstOpen }: { size: number; firstOpen: number }): number {
  const bundles = Math.floor(Math.min(firstOpen, size - 1) / bundleWidth);
  return Math.max(0, bundles) * bundleWidth;
}

/** Where a full bundle of entries lies, and the tile of its hashes, in the folder of the log. */
export function pathsOf(bundle: number): { readonly entries: string; readonly hashes: string } {
  const place = tilePathOf({ index: bundle, width: bundleWidth });
  return { entries: `tile/entries/${place}`, hashes: `tile/0/${place}` };
}

export interface ArchivedEntry {
  readonly index: number;
  readonly entryId: string;
  readonly entry: string;
  readonly leafHash: Buffer;
}

/** The entries of a full bundle; undefined unless they have the root that the database keeps of it. */
export function openBundle(
  bytes: Buffer,
  bundle: number,
  root: Buffer,
): ArchivedEntry[] | undefined {
  const texts = readBundle(bytes);
  if (texts?.length !== bundleWidth) return undefined;
  const leaves = texts.map(leafHash);
  if (!rootOf(leaves).equals(root)) return undefined;
  return texts.map((text, i) => ({
    index: bundle * bundleWidth + i,
    entryId: idIn(text.toString()),
    entry: text.toString(),
    leafHash: leaves[i] ?? Buffer.alloc(0),
  }));
}

function idIn(text: string): string {
  const { id } = JSON.parse(text) as { id: string };
  return uuidText(Buffer.from(entryIdOf(id) ?? '', 'hex'));
}
