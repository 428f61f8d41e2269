import { isSame, joined } from './encoding-rules.ts';

/** Merkle trees as RFC 9162, section 2.1 verifies them. */

export async function sha256(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', joined(...parts)));
}

/** SHA-256(0x00 ‖ entry). */
export async function leafHash(entry: Uint8Array): Promise<Uint8Array> {
  return sha256(Uint8Array.of(0), entry);
}

/** SHA-256(0x01 ‖ left ‖ right). */
export async function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
  return sha256(Uint8Array.of(1), left, right);
}

/** Whether the path leads from the leaf hash at `index` to the root of `size` leaves (2.1.3.2). */
export async function provesInclusion(proof: {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
}): Promise<boolean> {
  const { index, size, leaf, path, root } = proof;
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (leaf.length !== 32 || !areHashes(path)) return false;
  let [here, last, hash] = [BigInt(index), BigInt(size - 1), leaf];
  for (const step of path) {
    if (last === 0n) return false;
    if (here % 2n === 1n || here === last) {
      hash = await nodeHash(step, hash);
      while (here % 2n === 0n && here !== 0n) [here, last] = [here >> 1n, last >> 1n];
    } else {
      hash = await nodeHash(hash, step);
    }
    [here, last] = [here >> 1n, last >> 1n];
  }
  return last === 0n && isSame(hash, root);
}

/** Whether the tree of `size` leaves begins with the tree of the first `from` of them (2.1.4.2). */
export async function provesConsistency(proof: {
  readonly from: number;
  readonly size: number;
  readonly fromRoot: Uint8Array;
  readonly root: Uint8Array;
  readonly path: readonly Uint8Array[];
}): Promise<boolean> {
  const { from, size, fromRoot, root, path } = proof;
  if (!isCount(from) || !isCount(size) || from < 1 || from > size) return false;
  if (!areHashes(path)) return false;
  if (from === size) return path.length === 0 && isSame(fromRoot, root);
  if (path.length === 0) return false;
  const [start, ...steps] = Number.isInteger(Math.log2(from)) ? [fromRoot, ...path] : path;
  if (!start) return false;
  let [here, last] = [BigInt(from - 1), BigInt(size - 1)];
  while (here % 2n === 1n) [here, last] = [here >> 1n, last >> 1n];
  let [older, newer] = [start, start];
  for (const step of steps) {
    if (last === 0n) return false;
    if (here % 2n === 1n || here === last) {
      [older, newer] = [await nodeHash(step, older), await nodeHash(step, newer)];
      while (here % 2n === 0n && here !== 0n) [here, last] = [here >> 1n, last >> 1n];
    } else {
      newer = await nodeHash(newer, step);
    }
    [here, last] = [here >> 1n, last >> 1n];
  }
  return last === 0n && isSame(older, fromRoot) && isSame(newer, root);
}

/** The roots of the complete subtrees that hashes beside each other make, the largest first. */
export async function peaksOf(hashes: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const peaks: Uint8Array[] = [];
  let from = 0;
  while (from < hashes.length) {
    const width = 2 ** Math.floor(Math.log2(hashes.length - from));
    let level = hashes.slice(from, from + width);
    while (level.length > 1)
      level = await Promise.all(pairsOf(level).map(([a, b]) => nodeHash(a, b)));
    peaks.push(...level);
    from += width;
  }
  return peaks;
}

/** The root over complete subtrees, the largest first; of none SHA-256(""). */
export async function rootOfPeaks(peaks: readonly Uint8Array[]): Promise<Uint8Array> {
  const [last, ...left] = [...peaks].reverse();
  if (!last) return sha256();
  let root = last;
  for (const peak of left) root = await nodeHash(peak, root);
  return root;
}

function pairsOf(hashes: readonly Uint8Array[]): (readonly [Uint8Array, Uint8Array])[] {
  const pairs: (readonly [Uint8Array, Uint8Array])[] = [];
  for (let at = 0; at < hashes.length; at += 2) {
    const [left, right] = hashes.slice(at, at + 2);
    if (left && right) pairs.push([left, right]);
  }
  return pairs;
}

function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

function areHashes(path: readonly Uint8Array[]): boolean {
  return path.every((hash) => hash.length === 32);
}
