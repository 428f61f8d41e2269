import { randomBytes } from 'node:crypto';

/** The only source of chance. Tests hand in one they can predict. */
export interface Randomness {
  /** `size` bytes that nobody can guess. */
  bytes(size: number): Buffer;
}

export const systemRandomness: Randomness = { bytes: randomBytes };
