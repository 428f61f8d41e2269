import { createHash } from 'node:crypto';

/**
 * The verification of RFC 9162, section 2.1.4.2. It shares no code with the log: its hashing is its
 * own, and it rebuilds both roots from the bottom.
 */
export function verifiesConsistency(proof: {
  first: number;
  second: number;
  firstRoot: Uint8Array;
  secondRoot: Uint8Array;
  path: readonly Uint8Array[];
}): boolean {
  const { first, second, firstRoot, secondRoot } = proof;
  // Every tree begins with the empty one: there is nothing to prove (0 < m).
  const sound = Number.isSafeInteger(first) && Number.isSafeInteger(second);
  if (!sound || first < 1 || first > second) return false;
  if (first === second) return proof.path.length === 0 && isSame(firstRoot, secondRoot);
  const isPower = (first & (first - 1)) === 0;
  const path = isPower ? [firstRoot, ...proof.path] : proof.path;
  const [start, ...steps] = path;
  if (!start || proof.path.length === 0) return false;
  let fn = BigInt(first - 1);
  let sn = BigInt(second - 1);
  while (fn % 2n === 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [fr, sr] = [start, start];
  for (const step of steps) {
    if (sn === 0n || step.length !== 32) return false;
    if (fn % 2n === 1n || fn === sn) {
      fr = sha256(step, fr);
      sr = sha256(step, sr);
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      sr = sha256(sr, step);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && isSame(fr, firstRoot) && isSame(sr, secondRoot);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function sha256(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(Buffer.concat([Buffer.of(1), left, right]))
    .digest();
}
