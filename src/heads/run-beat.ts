import type { Tools } from '../platform/tools.ts';
import { cosignHead, type WitnessAnswer } from './cosign-head.ts';
import { takeBeat } from './take-beat.ts';

/** What a beat came to. */
export interface Beat {
  /** False where the beat had its entry already. */
  readonly isTaken: boolean;
  readonly witnesses: readonly WitnessAnswer[];
}

/** Takes this beat and has it cosigned. */
export async function runBeat(tools: Tools): Promise<Beat> {
  const isTaken = (await takeBeat(tools)) !== undefined;
  return { isTaken, witnesses: await cosignHead(tools) };
}
