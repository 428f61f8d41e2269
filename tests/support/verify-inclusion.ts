import { createHash } from 'node:crypto';

/**
 * The verification walk of RFC 9162, section 2.1.3.2. It shares no code with the log:
 * its hashing is its own, and it goes up from the leaf where the log goes down from the root.
 */
export function verifiesInclusion(proof: {
  index: number;
  size: number;
  leaf: Uint8Array;
  path: readonly Uint8Array[];
  root: Uint8Array;
}): boolean {
  const { index, size, leaf, path, root } = proof;
  const sound = Number.isSafeInteger(index) && Number.isSafeInteger(size);
  if (!sound || index < 0 || index >= size || leaf.length !== 32) return false;
  let fn = BigInt(index);
  let sn = BigInt(size - 1);
  let hash: Uint8Array = leaf;
  for (const step of path) {
    if (sn === 0n || step.length !== 32) return false;
    if (fn % 2n === 1n || fn === sn) {
      hash = sha256(1, step, hash);
      while (fn % 2n === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      hash = sha256(1, hash, step);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && Buffer.compare(hash, root) === 0;
}

function sha256(prefix: number, left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(Buffer.concat([Buffer.of(prefix), left, right]))
    .digest();
}
