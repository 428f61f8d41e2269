import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { builtMain } from '../support/build.ts';
import { endChildren, startNode } from '../support/child.ts';
import { testLog, type TestLog } from '../witness/logs.ts';
import {
  isCosigned,
  listening,
  openWitnessHome,
  type WitnessHome,
} from '../witness/witness-process.ts';
import { reopenWitness, type OpenWitness } from '../witness/open-witness.ts';
import { buildTwin } from './twin.ts';

/** `npm run full` asks for 200. */
const kills = Number(process.env['SLUICE_TEST_KILLS'] ?? 6);
const logsAtOnce = 10;
jest.setTimeout(120_000 + kills * 15_000);

let home: WitnessHome;
beforeAll(async () => {
  home = await openWitnessHome();
});
afterAll(() => {
  endChildren();
  home.close();
});

/** Which of its two histories a log shows: they differ from the first leaf on. */
const histories = [undefined, 0] as const;
interface Shown {
  readonly size: number;
  readonly history: (typeof histories)[number];
}

/** A log of two tongues, with what was cosigned of either. */
interface Liar {
  readonly log: TestLog;
  readonly cosigned: Shown[];
}

let made = 0;
const liars = (): Liar[] =>
  Array.from({ length: logsAtOnce }, () => {
    made += 1;
    return { log: testLog(`log.example/${made}`), cosigned: [] };
  });

/** The witness's own word for the last size of a log. */
async function sizeOf(witness: Pick<OpenWitness, 'ask'>, log: TestLog): Promise<number> {
  const answer = await witness.ask(log.asks(1_000, 1_001));
  expect(answer).toMatchObject({ status: 409, type: 'text/x.tlog.size' });
  return Number(answer!.text);
}

/** Shows the witness both histories at once, again and again, until it is gone or `rounds` are over. */
async function lie(witness: Pick<OpenWitness, 'ask'>, { log, cosigned }: Liar, rounds = Infinity) {
  let size = await sizeOf(witness, log).catch(() => 0);
  for (let round = 0; round < rounds; round += 1) {
    const from = size;
    const answers = await Promise.all(
      histories.flatMap((history) =>
        [1, 2].map(async (more) => {
          const to = from + more;
          const answer = await witness.ask(log.asks(from, to, history));
          const note = log.note(to, history);
          if (isCosigned(answer, note, home.vkey)) cosigned.push({ size: to, history });
          if (answer?.type === 'text/x.tlog.size') size = Math.max(size, Number(answer.text));
          return answer;
        }),
      ),
    );
    if (answers.includes(undefined)) return;
  }
}

/** What must never be: both histories cosigned, or a size given back below one cosigned. */
async function broken(witness: Pick<OpenWitness, 'ask'>, all: readonly Liar[]) {
  const found: string[] = [];
  for (const liar of all) {
    const size = await sizeOf(witness, liar.log);
    const most = Math.max(0, ...liar.cosigned.map((one) => one.size));
    if (size < most) found.push(`${liar.log.origin}: rolled back from ${most} to ${size}`);
    await lie(witness, liar, 1);
    if (new Set(liar.cosigned.map(({ history }) => history)).size > 1) {
      found.push(`${liar.log.origin}: both histories`);
    }
  }
  return found;
}

/** Kills the witness once among the lies of its logs; answers what is wrong after a restart. */
async function killOnce(main = builtMain()) {
  const all = liars();
  const vkeys = all.map(({ log }) => log.vkey);
  const first = await listening(startNode(home.bare(main, ...vkeys)));
  const lying = all.map((liar) => lie(first, liar));
  const count = () => all.flatMap(({ cosigned }) => cosigned).length;
  while (count() < logsAtOnce * 3) await wait(5);
  await wait(Math.random() * 200);
  first.child.process.kill('SIGKILL');
  await first.child.ended();
  await Promise.all(lying);
  const answered = count();
  const second = await reopenWitness(home, ...vkeys);
  const found = await broken(second, all);
  await second.close();
  return { answered, found };
}

test('kill −9 of a witness: nothing that it cosigned is taken back or contradicted', async () => {
  let answered = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const round = await killOnce();
    expect(round.found).toEqual([]);
    answered += round.answered;
  }
  expect(answered).toBeGreaterThan(kills * logsAtOnce);
  process.stderr.write(`${kills} kills of a witness: ${answered} cosignatures, 0 contradicted\n`);
});

test.each(['witness-answers-before-it-persists.patch', 'witness-checks-before-it-waits.patch'])(
  'a twin is caught: %s',
  async (patch) => {
    const twin = buildTwin(patch);
    try {
      const found: string[] = [];
      for (let kill = 0; kill < 20 && found.length === 0; kill += 1) {
        found.push(...(await killOnce(twin.main)).found);
      }
      expect(found).not.toEqual([]);
    } finally {
      twin.remove();
    }
  },
);
