/** The number of the beat in which an instant lies; beats are whole and begin with the Unix epoch. */
export function beatOf(at: Date, seconds: number): number {
  return Math.floor(at.getTime() / (seconds * 1000));
}

/** Whole seconds until the next beat has begun; at least 1. */
export function secondsToNextBeat(now: Date, seconds: number): number {
  const next = (beatOf(now, seconds) + 1) * seconds * 1000;
  return Math.max(1, Math.ceil((next - now.getTime()) / 1000));
}
