/**
 * How many milliseconds of processor time this process spends on some work: what else the machine does
 * meanwhile does not count, so that a bound on it finds work without end and not a busy machine.
 */
export function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
