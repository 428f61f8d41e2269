/** Tiles as published: paths, widths and bundles of entries (C2SP tlog-tiles). */

/** The 256 hashes of a kept level that stand together, or the first of them while there are no more. */
export interface TilePlace {
  /** 0 for leaf hashes, 1 for roots of 256 of them, … */
  readonly level: number;
  readonly index: number;
  /** 256 of a full tile, 1 to 255 of a partial one. */
  readonly width: number;
}

const fullWidth = 256;
/** The highest level there can be: 256^7 is beyond every safe integer. */
const highestLevel = 6;

/**
 * Reads what stands behind `tile/` ("0/x001/234.p/5") or, for bundles of entries, behind
 * `tile/entries/`; undefined when it is no path that tlog-tiles would write.
 */
export function parseTilePath(level: string, place: string): TilePlace | undefined {
  const read = /^((?:x[0-9]{3}\/)*)([0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(place);
  if (!read || !/^[0-9]$/.test(level) || Number(level) > highestLevel) return undefined;
  const [, groups = '', last = '', partial] = read;
  if (groups.startsWith('x000')) return undefined;
  const index = Number(groups.replaceAll(/[x/]/g, '') + last);
  const width = partial === undefined ? fullWidth : Number(partial);
  if (!Number.isSafeInteger(index) || (partial !== undefined && width >= fullWidth))
    return undefined;
  return { level: Number(level), index, width };
}

/** The path of a tile behind its level, as `parseTilePath` reads it: "x001/234.p/5". */
export function tilePathOf({ index, width }: Pick<TilePlace, 'index' | 'width'>): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/.{3}/g) ?? [];
  const place = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === fullWidth ? place : `${place}.p/${String(width)}`;
}

/** Where a tile's nodes stand among those of their level of the tree: from included, to excluded. */
export function nodesOfTile({ level, index, width }: TilePlace): {
  readonly level: number;
  readonly from: number;
  readonly to: number;
} {
  const from = index * fullWidth;
  return { level: level * 8, from, to: from + width };
}

/** Whether a tree of this size has all the nodes of a tile. */
export function hasTile(size: number, { level, index, width }: TilePlace): boolean {
  return index * fullWidth + width <= Math.floor(size / fullWidth ** level);
}

/** All tiles of a tree of this size, the partial ones of its edge as wide as they are. */
export function tilesOf(size: number): TilePlace[] {
  const tiles: TilePlace[] = [];
  for (let level = 0; size >= fullWidth ** level; level += 1) {
    const nodes = Math.floor(size / fullWidth ** level);
    const full = Math.floor(nodes / fullWidth);
    for (let index = 0; index < full; index += 1) tiles.push({ level, index, width: fullWidth });
    if (nodes % fullWidth > 0) tiles.push({ level, index: full, width: nodes % fullWidth });
  }
  return tiles;
}

const longestEntry = 0xffff;

/**
 * A bundle of entries: each behind its length, two bytes, big-endian. Throws RangeError for an entry
 * that is too long for that.
 */
export function entryBundle(entries: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > longestEntry) throw new RangeError('An entry has at most 65,535 bytes.');
      const length = Buffer.alloc(2);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    }),
  );
}

/** The entries of a bundle; undefined when it ends within one. */
export function readBundle(bundle: Buffer): Buffer[] | undefined {
  const entries: Buffer[] = [];
  let at = 0;
  while (at < bundle.length) {
    const start = at + 2;
    if (start > bundle.length) return undefined;
    const end = start + bundle.readUInt16BE(at);
    if (end > bundle.length) return undefined;
    entries.push(bundle.subarray(start, end));
    at = end;
  }
  return entries;
}
