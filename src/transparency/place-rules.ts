import { createHash, createHmac } from 'node:crypto';
import { nodeHash } from './tree-rules.ts';

/**
 * The tree of one beat of the head log. It has a fixed depth of 32: every log has the one place that
 * its origin gives it, so that two histories of a log can't stand beside each other, and a path is
 * equally long whoever else there is.
 */
export interface PlaceTree {
  readonly root: Buffer;
  /** The 32 hashes that lead from a place to the root, the leaf's sibling first. */
  pathOf(place: number): Buffer[];
}

/** How far a log had come at a beat. */
export interface PlacedLog {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

const depth = 32;

/** The place of a log: the first 32 bits of SHA-256(origin). */
export function placeOf(origin: string): number {
  return createHash('sha256').update(origin).digest().readUInt32BE();
}

/** The salt of a log's leaf, fresh for each log and beat: HMAC-SHA-256(beat secret, 0x00 ‖ origin). */
export function placeSalt(secret: Buffer, origin: string): Buffer {
  return createHmac('sha256', secret).update(Uint8Array.of(0)).update(origin).digest();
}

/** SHA-256(0x00 ‖ salt ‖ origin ‖ size ‖ root); the size in eight bytes, big-endian. */
export function placeLeaf(salt: Buffer, { origin, size, root }: PlacedLog): Buffer {
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(size));
  return createHash('sha256')
    .update(Uint8Array.of(0))
    .update(salt)
    .update(origin)
    .update(count)
    .update(root)
    .digest();
}

/**
 * The tree over these logs under the secret of a beat (32 bytes). A subtree without a log has the
 * hash HMAC-SHA-256(secret, 0x01 ‖ level ‖ position), so that nobody without the secret can tell it
 * from one with logs. Throws RangeError when two logs have the same place.
 */
export function placeTree(secret: Buffer, logs: readonly PlacedLog[]): PlaceTree {
  const leaves = new Map(
    logs.map((log) => [placeOf(log.origin), placeLeaf(placeSalt(secret, log.origin), log)]),
  );
  if (leaves.size !== logs.length) throw new RangeError('Two logs have the same place.');
  const levels: Map<number, Buffer>[] = [leaves];
  const nodeAt = (level: number, position: number) =>
    levels[level]?.get(position) ?? emptyHash(secret, level, position);
  for (let level = 0; level < depth; level += 1) {
    const positions = new Set([...(levels[level]?.keys() ?? [])].map(parentOf));
    levels.push(
      new Map(
        [...positions].map((position) => [
          position,
          nodeHash(nodeAt(level, position * 2), nodeAt(level, position * 2 + 1)),
        ]),
      ),
    );
  }
  return {
    root: nodeAt(depth, 0),
    pathOf: (place) =>
      Array.from({ length: depth }, (_, level) => nodeAt(level, siblingOf(place, level))),
  };
}

function parentOf(position: number): number {
  return Math.floor(position / 2);
}

function siblingOf(place: number, level: number): number {
  const position = Math.floor(place / 2 ** level);
  return position % 2 === 0 ? position + 1 : position - 1;
}

function emptyHash(secret: Buffer, level: number, position: number): Buffer {
  const where = Buffer.alloc(6);
  where[0] = 1;
  where[1] = level;
  where.writeUInt32BE(position, 2);
  return createHmac('sha256', secret).update(where).digest();
}
