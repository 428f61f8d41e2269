import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { accrue, type AccrualLine, type FeeSources } from '../../src/earnings/index.ts';
import { busyWorlds, worlds } from './random-worlds.ts';

/** Random histories: more in the full run. */
const histories = Number(process.env['SLUICE_TEST_HISTORIES'] ?? 300);
const seed = Number(process.env['SLUICE_TEST_SEED'] ?? Date.now() % 1_000_000);
const oracle = fileURLToPath(new URL('oracle.py', import.meta.url));

const zones = "import sys, zoneinfo; assert sys.version_info >= (3, 10); zoneinfo.ZoneInfo('Europe/Berlin')"; // prettier-ignore
const found = spawnSync('python3', ['-c', zones], { encoding: 'utf8' });
const absent = found.error
  ? 'python3 is absent'
  : found.status !== 0 && 'python3 is older than 3.10, or knows no time zones: tzdata is absent';

/** A test that is skipped where no python3 can work the fees out. */
const oracleTest = (name: string, body: () => Promise<void>): void => {
  if (absent) test.skip(`${name} (skipped: ${absent})`, body, 3_600_000);
  else test(name, body, 3_600_000);
};

oracleTest(
  'every fee equals the one that an oracle in Python works out from the written rules',
  async () => {
    expect(await firstDifference(histories, accrue)).toBeUndefined();
  },
);

oracleTest(
  'twin: an oracle that rounds a half up where half-even is agreed is told from the engine',
  async () => {
    expect(await firstDifference(5000, accrue, ['--twin', 'half-up'])).toMatchObject({ seed });
  },
);

oracleTest('twin: one fee that is off by one minor unit is named with its history', async () => {
  let isLeft = true;
  const offByOne = (world: FeeSources): AccrualLine[] =>
    accrue(world).map((line) => {
      if (!isLeft || line.feeMinor === 0n) return line;
      isLeft = false;
      return { ...line, feeMinor: line.feeMinor + (line.feeMinor > 0n ? 1n : -1n) };
    });
  const difference = await firstDifference(100, offByOne);
  expect(difference?.onlyOfEngine).toHaveLength(1);
  expect(difference?.onlyOfOracle).toHaveLength(1);
});

interface Difference {
  /** Histories are drawn again from the seed; this one is the number-th, from 0. */
  readonly seed: number;
  readonly number: number;
  readonly onlyOfEngine: readonly string[];
  readonly onlyOfOracle: readonly string[];
  readonly history: string;
}

/** The first of so many random histories on which a computation and the oracle differ. */
async function firstDifference(
  count: number,
  rules: (world: FeeSources) => AccrualLine[],
  words: readonly string[] = [],
): Promise<Difference | undefined> {
  const child = spawn('python3', [oracle, ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'close');
  // What it can no longer read is found by the answer that is missing.
  child.stdin.on('error', () => undefined);
  try {
    for (let from = 0; from < count; from += chunk) {
      const drawn = fc.sample(fc.oneof(worlds, busyWorlds), {
        seed: seed + from,
        numRuns: Math.min(chunk, count - from),
      });
      child.stdin.write(drawn.map((world) => `${wireOf(world)}\n`).join(''));
      for (const [index, world] of drawn.entries()) {
        const { value } = (await answers.next()) as { value?: string };
        const theirs = (JSON.parse(value ?? '[["no answer"]]') as unknown[]).map(textOf);
        const ours = rules(world).filter(isTold).map(moneyOf).map(textOf);
        const onlyOfEngine = without(ours, theirs);
        const onlyOfOracle = without(theirs, ours);
        if (onlyOfEngine.length + onlyOfOracle.length > 0) {
          return { seed, number: from + index, onlyOfEngine, onlyOfOracle, history: wireOf(world) };
        }
      }
    }
    return undefined;
  } finally {
    child.kill();
    await ended;
  }
}
const chunk = 250;

/** A history as the oracle reads it: amounts as text, moments in UTC. */
const wireOf = (world: FeeSources): string =>
  JSON.stringify(
    { ...world, serviceKeys: Object.fromEntries(world.serviceKeys) },
    (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
  );

/** Lines that move money or are listed without: of the others the written rules say nothing. */
const isTold = ({ feeMinor, because }: AccrualLine): boolean =>
  feeMinor !== 0n || because === 'currency-not-agreed';

const moneyOf = (line: AccrualLine): unknown[] => [
  line.paymentId,
  line.refundId,
  line.occurredAt.toISOString(),
  line.month,
  line.availableOn,
  line.currency,
  line.feeMinor.toString(),
  line.because,
];
const textOf = (line: unknown): string => JSON.stringify(line);

/** The lines that stand more often among these than among those. */
function without(these: readonly string[], those: readonly string[]): string[] {
  const left = [...those];
  return these.filter((line) => {
    const index = left.indexOf(line);
    if (index < 0) return true;
    left.splice(index, 1);
    return false;
  });
}
