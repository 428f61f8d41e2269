import { hash } from 'node:crypto';
import type { PlacedLog } from './place-rules.ts';

const depth = 32;
const blockBytes = 64;
const hashBytes = 32;
const node = Buffer.alloc(1 + 2 * hashBytes, 1);

/**
 * The root of the tree of a beat alone, as `placeTree` has it; the places are those of the origins.
 * Undefined where two logs have the same place. For who needs one of each beat: it makes few objects.
 */
export function placeRoot(
  secret: Buffer,
  logs: readonly (PlacedLog & { readonly place: number })[],
): Buffer | undefined {
  const keyed = hmacUnder(secret);
  const sorted = logs.toSorted((one, other) => one.place - other.place);
  if (sorted.some(({ place }, i) => place === sorted[i - 1]?.place)) return undefined;
  let positions = sorted.map(({ place }) => place);
  let hashes = sorted.map((log) => leafOf(keyed, log));
  for (let level = 0; level < depth; level += 1) {
    const above: { positions: number[]; hashes: string[] } = { positions: [], hashes: [] };
    for (let i = 0; i < positions.length; i += 1) {
      const [position = 0, own = ''] = [positions[i], hashes[i]];
      const isRight = position % 2 === 1;
      const hasNext = !isRight && positions[i + 1] === position + 1;
      if (hasNext) i += 1;
      const sibling = isRight ? position - 1 : position + 1;
      const other = hasNext ? (hashes[i] ?? '') : keyed(emptyText(level, sibling));
      above.positions.push(Math.floor(position / 2));
      above.hashes.push(isRight ? nodeOf(other, own) : nodeOf(own, other));
    }
    ({ positions, hashes } = above);
  }
  return Buffer.from(hashes[0] ?? keyed(emptyText(depth, 0)), 'latin1');
}

/** Bytes, a character each: for node:crypto that is faster than a buffer for each hash. */
type Binary = string;

function leafOf(keyed: (text: Buffer) => Binary, { origin, size, root }: PlacedLog): Binary {
  const name = Buffer.from(origin);
  const leaf = Buffer.alloc(1 + hashBytes + name.length + 8 + hashBytes);
  leaf.write(keyed(Buffer.concat([Buffer.of(0), name])), 1, 'latin1');
  name.copy(leaf, 1 + hashBytes);
  leaf.writeBigUInt64BE(BigInt(size), 1 + hashBytes + name.length);
  root.copy(leaf, 1 + hashBytes + name.length + 8);
  return hash('sha256', leaf, 'binary');
}

function nodeOf(left: Binary, right: Binary): Binary {
  node.write(left, 1, 'latin1');
  node.write(right, 1 + hashBytes, 'latin1');
  return hash('sha256', node, 'binary');
}

const empty = Buffer.alloc(6, 1);

function emptyText(level: number, position: number): Buffer {
  empty[1] = level;
  empty.writeUInt32BE(position, 2);
  return empty;
}

/** HMAC-SHA-256 (RFC 2104) under a secret that is not longer than a block. */
function hmacUnder(secret: Buffer): (text: Buffer) => Binary {
  const [inner, outer] = [Buffer.alloc(blockBytes, 0x36), Buffer.alloc(blockBytes, 0x5c)];
  for (const [i, byte] of secret.entries()) {
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  const second = Buffer.concat([outer, Buffer.alloc(hashBytes)]);
  let first = Buffer.concat([inner, empty]);
  return (text) => {
    if (first.length !== blockBytes + text.length) first = Buffer.concat([inner, text]);
    else text.copy(first, blockBytes);
    second.write(hash('sha256', first, 'binary'), blockBytes, 'latin1');
    return hash('sha256', second, 'binary');
  };
}
