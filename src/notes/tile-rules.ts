/** Tiles as C2SP tlog-tiles lays them out: paths, widths and bundles of entries. */

export const tileWidth = 256;

/** The path of a tile (`level` of the tree of tiles) or of a bundle of entries. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/.{3}/g) ?? [];
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  const path = `tile/${String(level)}/${place}`;
  return width === tileWidth ? path : `${path}.p/${String(width)}`;
}

/** The hashes of a tile; undefined for bytes that are not whole hashes. */
export function hashesOfTile(bytes: Uint8Array): Uint8Array[] | undefined {
  if (bytes.length % 32 !== 0) return undefined;
  return Array.from({ length: bytes.length / 32 }, (_, at) =>
    bytes.subarray(at * 32, at * 32 + 32),
  );
}

/** The entries of a bundle, each behind its length in two bytes; undefined when it ends within one. */
export function entriesOfBundle(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at + 2;
    if (start > bytes.length) return undefined;
    const end = start + view.getUint16(at);
    if (end > bytes.length) return undefined;
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  return entries;
}
