import { afterAll, expect, jest, test } from '@jest/globals';
import { prepare, twinProgram, type Prepared, type Program, type Run } from './stepped-logs.ts';
import { runBeats } from './stepped-beats.ts';
import { runWriter, ways, type Way } from './stepped-writer.ts';
import { cutKinds, type Cut } from './wire.ts';

/** `npm run full`: also the steps that come late, and a log with three levels of tiles. */
const isFull = process.env['SLUICE_TEST_ENTRIES'] !== undefined;
const kinds = isFull ? cutKinds : cutKinds.slice(0, 2);
jest.setTimeout(isFull ? 3_600_000 : 180_000);

/** From one size to another, which has more tiles. */
const sizes = [
  { from: 0, to: 1 },
  { from: 254, to: 257 },
  ...(isFull ? [{ from: 65_535, to: 65_537 }] : []),
];

const prepared = new Map<number, Promise<Prepared>>();
function preparedAt(size: number): Promise<Prepared> {
  const known = prepared.get(size) ?? prepare(size);
  prepared.set(size, known);
  return known;
}
afterAll(async () => {
  for (const one of prepared.values()) await (await one).house.close();
});

/**
 * Runs once whole, then once for each step and each kind of its failing; what was wrong, by step.
 * `isTried`: which steps are to fail; `kindsOf`: in which ways, by their place.
 */
async function failEach(
  run: (cut: Cut | undefined) => Promise<Run>,
  isTried: (step: string) => boolean = () => true,
  kindsOf: (at: number) => readonly Cut['kind'][] = () => kinds,
) {
  const { steps, wrong } = await run(undefined);
  const found = wrong.map((what) => `without a fault: ${what}`);
  let faults = 0;
  for (const [at, step] of steps.entries()) {
    for (const kind of isTried(step) ? kindsOf(at) : []) {
      const faulty = await run({ at, kind });
      const name = `${String(at)} ${step}, ${kind}`;
      if (faulty.steps.length <= at) found.push(`${name}: no fault`);
      found.push(...faulty.wrong.map((what) => `${name}: ${what}`));
      faults += 1;
    }
  }
  return { steps, found, faults };
}

interface Sizes {
  readonly from: number;
  readonly to: number;
}

async function failWriter(way: Way, { from, to }: Sizes, program?: Program) {
  const one = { way, count: to - from, ...(program && { program }) };
  const house = await preparedAt(from);
  return failEach((cut) => runWriter(house, { ...one, cut }));
}

/** A beat takes long: but in the full run its steps fail in one way or the other. */
const inTurn = (at: number) => (isFull ? kinds : kinds.slice(at % 2, (at % 2) + 1));

async function failBeats({ from, to }: Sizes) {
  const house = await preparedAt(from);
  // The first comes clean where there are some already, and the second is the faulty one.
  const more = Math.max(0, to - from - 2);
  const failed = await failEach((cut) => runBeats(house, { more, cut }), undefined, inTurn);
  const inTheWay = await runBeats(house, { more, isFileInTheWay: true });
  return { ...failed, found: [...failed.found, ...inTheWay.wrong], faults: failed.faults + 1 };
}

for (const { from, to } of sizes) {
  test.each(ways)(`%s, from ${from} to ${to}: no step may fail and break it`, async (way) => {
    const { steps, found, faults } = await failWriter(way, { from, to });
    expect(found).toEqual([]);
    expect(steps.filter((step) => step === 'log-append').length).toBeGreaterThan(0);
    process.stderr.write(
      `${way}, ${from} to ${to}: ${steps.length} steps, ${faults} faults, 0 inconsistencies\n`,
    );
  });

  test(`the head log, from ${from} to ${to}: no step of a beat may fail and break it`, async () => {
    const { steps, found, faults } = await failBeats({ from, to });
    expect(found).toEqual([]);
    expect(steps).toEqual(expect.arrayContaining(['log-append', 'log-places-insert']));
    process.stderr.write(
      `beats, ${from} to ${to}: ${steps.length} steps and a file, ${faults} faults, 0 inconsistencies\n`,
    );
  });
}

const first = { from: 0, to: 1 };
type Failing = (program: Program) => Promise<{ readonly found: readonly string[] }>;
const twins: readonly [string, Failing, RegExp][] = [
  [
    'tells-before-the-commit',
    (program) => failWriter('two logs', first, program),
    /commit, not persisted: an answered disclosure has 0 entries/,
  ],
  [
    'takes-a-lost-answer-for-yes',
    (program) => failWriter('one log', first, program),
    /log-append, not persisted: an answered disclosure has 0 entries/,
  ],
  [
    'keeps-before-the-commit',
    async (program) => {
      const house = await preparedAt(0);
      const run = (cut: Cut | undefined) => runBeats(house, { more: 0, cut, program });
      return failEach(run, (step) => step === 'COMMIT;');
    },
    /COMMIT;, not persisted: it would not start/,
  ],
];

test.each(twins)('the twin %s is caught', async (twin, fail, what) => {
  const { found } = await fail(await twinProgram(`${twin}.patch`));
  expect(found.join('\n')).toMatch(what);
});
