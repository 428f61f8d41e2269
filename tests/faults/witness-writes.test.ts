import { createHash } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { builtMain } from '../support/build.ts';
import { endChildren } from '../support/child.ts';
import { testLog } from '../witness/logs.ts';
import {
  isCosigned,
  listening,
  openWitnessHome,
  type WitnessHome,
} from '../witness/witness-process.ts';
import { reopenWitness } from '../witness/open-witness.ts';
import { callFaults, callsIn, isFaulty, isFull, startTraced, tracedTest } from './traced.ts';
import { buildTwin } from './twin.ts';

jest.setTimeout(isFull ? 1_800_000 : 300_000);

const log = testLog();
let home: WitnessHome;
let whole: string;
beforeAll(async () => {
  home = await openWitnessHome();
  whole = join(home.folder, 'whole');
});
afterAll(() => {
  endChildren();
  home.close();
});

/** The state folder as it is after a clean run that cosigned these sizes. */
async function prepare(sizes: readonly number[]) {
  rmSync(home.state, { recursive: true, force: true });
  rmSync(`${home.keyFile}.state`, { force: true });
  const witness = await reopenWitness(home, log.vkey);
  let from = 0;
  for (const size of sizes) {
    expect(await witness.ask(log.asks(from, size))).toMatchObject({ status: 200 });
    from = size;
  }
  await witness.close();
  rmSync(whole, { recursive: true, force: true });
  cpSync(home.state, whole, { recursive: true });
  cpSync(`${home.keyFile}.state`, `${whole}.key`);
  return from;
}

function restore() {
  rmSync(home.state, { recursive: true, force: true });
  cpSync(whole, home.state, { recursive: true });
  cpSync(`${whole}.key`, `${home.keyFile}.state`);
}

const stateFile = () => join(home.state, createHash('sha256').update(log.origin).digest('hex'));

/** Starts a witness whose calls on the files of its state are traced, and may fail. */
function startFaulty(main: string, trace: string, fault?: string) {
  const register = join(home.state, 'witness.json');
  const files = [stateFile(), register].flatMap((file) => [file, `${file}.new`]);
  const paths = [home.state, ...files];
  return startTraced({ trace, paths, fault }, home.bare(main, log.vkey));
}

/** The calls of a run that cosigns once, by name and the number of their kind. */
async function callsOf(main: string, from: number) {
  restore();
  const trace = join(home.folder, 'trace');
  const witness = await listening(startFaulty(main, trace));
  expect(await witness.ask(log.asks(from, 9))).toMatchObject({ status: 200 });
  witness.child.process.kill('SIGKILL');
  await witness.child.ended();
  const found = callsIn(trace);
  // What comes before the record of the log is the start.
  const begin = found.findIndex(({ line }) => line.includes(stateFile()));
  return isFull ? found : found.slice(begin);
}

/** Injects a fault, and answers what is wrong with the witness afterwards. */
async function inject(main: string, from: number, fault: string): Promise<string[]> {
  restore();
  const trace = join(home.folder, 'trace');
  const faulty = startFaulty(main, trace, fault);
  const given: string[] = [];
  try {
    const witness = await listening(faulty);
    for (let tries = 0; tries < 2; tries += 1) {
      const answer = await witness.ask(log.asks(from, 9));
      if (isCosigned(answer, log.note(9), home.vkey)) given.push('cosigned');
      else if (answer) expect([503, 409]).toContain(answer.status);
    }
  } catch (error) {
    // It may not have come so far as to listen, but it says why.
    if (faulty.process.exitCode === null && faulty.process.signalCode === null) throw error;
  }
  faulty.process.kill('SIGKILL');
  await faulty.ended();
  // The fault must have been one: a call that failed, or the last one there was.
  const found = isFaulty(trace) ? [] : [`${fault}: no fault`];
  const after = await reopenWitness(home, log.vkey).catch((error: unknown) => String(error));
  if (typeof after === 'string') return [`${fault}: ${after}`];
  const size = Number((await after.ask(log.asks(100, 101)))?.text);
  const allowed = given.length > 0 ? [9] : [from, 9];
  if (!allowed.includes(size)) found.push(`${fault}: it has ${size}, after ${given.join()}`);
  const fork = size === 9 ? log.asks(9, 12, 2) : from > 0 ? log.asks(from, 9, 2) : undefined;
  if (fork !== undefined && (await after.ask(fork))?.status === 200) found.push(`${fault}: fork`);
  if ((await after.ask(log.asks(size, 12)))?.status !== 200) found.push(`${fault}: it is stuck`);
  await after.close();
  return found;
}

for (const [what, sizes] of [
  ['the first checkpoint of a log', []],
  ['a later checkpoint', [3]],
] as const) {
  tracedTest(
    `${what}: no call on the state's files may fail or be the last and break it`,
    async () => {
      const from = await prepare(sizes);
      const found: string[] = [];
      let tried = 0;
      for (const { name, when } of await callsOf(builtMain(), from)) {
        for (const fault of callFaults) {
          found.push(...(await inject(builtMain(), from, `${name}:${fault}:when=${when}`)));
          tried += 1;
        }
      }
      expect(found).toEqual([]);
      expect(tried).toBeGreaterThanOrEqual(12);
      process.stderr.write(`${what}: ${tried} faults injected, 0 broken\n`);
    },
  );
}

tracedTest('a twin that writes its files in place is caught', async () => {
  const twin = buildTwin('writes-in-place.patch');
  try {
    const from = await prepare([3]);
    const found: string[] = [];
    for (const { name, when } of await callsOf(twin.main, from)) {
      found.push(...(await inject(twin.main, from, `${name}:signal=KILL:when=${when}`)));
    }
    expect(found.join()).toContain('is damaged');
  } finally {
    twin.remove();
  }
});
