import { createHash } from 'node:crypto';

/** SHA-256(0x00 ‖ entry): the hash of a leaf (RFC 6962, section 2.1). */
export function leafHash(entry: Uint8Array): Buffer {
  return createHash('sha256').update(Uint8Array.of(0)).update(entry).digest();
}

/** SHA-256(0x01 ‖ left ‖ right): the hash of an inner node (RFC 6962, section 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest();
}

/** The root over leaf hashes; of no leaves SHA-256(""), as RFC 6962 section 2.1 says. */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return createHash('sha256').digest();
  return subtreeRoot(leaves, 0, leaves.length);
}

/**
 * The hashes that lead from leaf `index` to the root, nearest first (RFC 6962, section 2.1.1).
 * Throws RangeError when there is no such leaf.
 */
export function inclusionPath(leaves: readonly Buffer[], index: number): Buffer[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= leaves.length) {
    throw new RangeError(`There is no leaf ${index} in a tree of ${leaves.length}.`);
  }
  const path: Buffer[] = [];
  let from = 0;
  let to = leaves.length;
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from);
    if (index < middle) {
      path.push(subtreeRoot(leaves, middle, to));
      to = middle;
    } else {
      path.push(subtreeRoot(leaves, from, middle));
      from = middle;
    }
  }
  return path.reverse();
}

function subtreeRoot(leaves: readonly Buffer[], from: number, to: number): Buffer {
  const only = leaves[from];
  if (to - from === 1 && only) return only;
  const middle = from + largestPowerBelow(to - from);
  return nodeHash(subtreeRoot(leaves, from, middle), subtreeRoot(leaves, middle, to));
}

/** The largest power of two smaller than `size` (size > 1). */
function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
