import { createHash } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Randomness } from './randomness.ts';

/** A new UUID version 7 (RFC 9562, section 5.7): sortable by the clock, random below it. */
export function newUuid({ clock, random }: { clock: Clock; random: Randomness }): string {
  const bytes = random.bytes(16);
  bytes.writeUIntBE(clock.now().getTime(), 0, 6);
  return shaped(bytes, 7);
}

/** The UUID version 8 (RFC 9562, section 5.8) that follows from a name: equal names, equal ids. */
export function uuidOf(...name: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(name)).digest();
  return shaped(digest.subarray(0, 16), 8);
}

/** The UUID version 7 of an instant that follows from a name: equal names and instants, equal ids. */
export function uuidAt(at: Date, ...name: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(name)).digest().subarray(0, 16);
  bytes.writeUIntBE(at.getTime(), 0, 6);
  return shaped(bytes, 7);
}

export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

function shaped(bytes: Buffer, version: number): string {
  bytes.writeUInt8((version << 4) | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return uuidText(bytes);
}
