import { nodeHash } from '../transparency/index.ts';

/** A tree as a checkpoint names it. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** The root of the tree without leaves: SHA-256("") (RFC 6962, section 2.1). */
const emptyRoot = Buffer.from(
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'hex',
);

/** Whether a head can be one of a tree at all: that of no leaves has but one root. */
export function isPossible({ size, root }: TreeHead): boolean {
  return size > 0 || isSame(root, emptyRoot);
}

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

/**
 * Whether the path proves that the later tree begins with the earlier one (RFC 9162, section
 * 2.1.4.2). Every tree begins with the empty one and with itself; for these the path is empty.
 */
export function isConsistent(
  earlier: TreeHead,
  later: TreeHead,
  path: readonly Uint8Array[],
): boolean {
  if (!isPossible(earlier) || !isPossible(later) || earlier.size > later.size) return false;
  if (earlier.size === later.size) return path.length === 0 && isSame(earlier.root, later.root);
  if (earlier.size === 0) return path.length === 0;
  return walksTo(earlier, later, path);
}

/** The walk up from the last node of the earlier tree that stands whole in both. */
function walksTo(earlier: TreeHead, later: TreeHead, path: readonly Uint8Array[]): boolean {
  let [at, last] = [BigInt(earlier.size - 1), BigInt(later.size - 1)];
  while (at & 1n) [at, last] = [at >> 1n, last >> 1n];
  // Where the earlier tree is whole itself, its root is where the walk starts.
  const [start, ...steps] = at === 0n ? [earlier.root, ...path] : path;
  if (!start || path.some((hash) => hash.length !== 32)) return false;
  let [was, is] = [start, start];
  for (const step of steps) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      [was, is] = [nodeHash(step, was), nodeHash(step, is)];
      while (at > 0n && !(at & 1n)) [at, last] = [at >> 1n, last >> 1n];
    } else {
      is = nodeHash(is, step);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n && isSame(was, earlier.root) && isSame(is, later.root);
}
