import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createGateway } from '../../src/gateway.ts';
import { setChoice } from '../../src/intake/index.ts';
import { listen, type RunningServer } from '../../src/platform/http/lifecycle.ts';
import { systemRandomness } from '../../src/platform/randomness.ts';
import { customerIdOf } from '../../src/records/index.ts';
import { receiveFees, recomputeFees, type AskApi } from '../../src/recomputation/index.ts';
import { closeStatements } from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { runCommand } from '../support/run-command.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  money,
  payment,
  refund,
  service,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let server: RunningServer;
let token: string;
const folder = mkdtempSync(join(tmpdir(), 'sluice-recompute-'));

beforeAll(async () => {
  house = await openHouse();
  const { tools } = house;
  const gateway = createGateway(tools);
  // Agreed for one service by its key: records name it by an id of the partner's own.
  const bright = await givenPartner(tools, { terms: { services: ['store'] } });
  await givenRecords(tools, [service(), ...['ada', 'ben', 'cyd'].map((id) => customer(id))]);
  for (const who of ['ada', 'ben', 'cyd']) await givenRelationship(tools, bright.partner, who);
  await givenRecords(tools, [
    payment('a1', 'ada'),
    refund('r1', 'ada', 'a1'),
    payment('b1', 'ben', { amount: money(5000) }),
    payment('c1', 'cyd', { amount: money(777) }),
  ]);
  const by = (await givenPerson(tools, ['finance'])).id;
  await closeStatements(tools, { month: '2026-03', by });
  // Of March, known in April; and a refund of what March stated.
  await givenRecords(tools, [
    payment('late', 'ada', { amount: money(333) }),
    payment('b2', 'ben', { settledAt: '2026-04-02T10:00:00Z' }),
    refund('r2', 'ben', 'b1', { refundedAt: '2026-04-20T10:00:00Z', amount: money(1234) }),
  ]);
  await setChoice(tools, {
    customerId: customerIdOf('cyd'),
    partner: undefined,
    ...{ sharing: 'refused', at: tools.clock.now(), evidence: 'mail', actor: 'test' },
  });
  await closeStatements(tools, { month: '2026-04', by });
  token = await givenToken(gateway, bright);
  server = await listen(gateway, { host: '127.0.0.1', port: 0, random: systemRandomness });
}, 60_000);
afterAll(async () => {
  await server.stop(1);
  await house.close();
  rmSync(folder, { recursive: true });
});

const origin = () => `http://127.0.0.1:${server.port}`;
const ask: AskApi = async (path) => {
  const answer = await fetch(origin() + path, { headers: { Authorization: `Bearer ${token}` } });
  return answer.status === 200 ? answer.json() : undefined;
};

/** The same API, one of whose answers is changed on its way. */
const changing =
  (part: string, change: (text: string) => string): AskApi =>
  async (path) => {
    const body = await ask(path);
    return path.startsWith(part) ? JSON.parse(change(JSON.stringify(body))) : body;
  };

async function verdictOf(by: AskApi, statement = '2026-04.EUR') {
  const given = await receiveFees(by, statement);
  if (!given) throw new Error('There is no such statement.');
  return { ...recomputeFees(given.received), hashes: given.problems };
}

test('a partner comes to what closed statements state: late payments, refunds, customers who left', async () => {
  const verdict = await verdictOf(ask);
  expect(verdict).toMatchObject({ agrees: true, differences: [], problems: [], hashes: [] });
  expect(verdict.recomputed).toBeGreaterThanOrEqual(5);
  expect(verdict.withheld.count).toBeGreaterThan(0);
  // What became known after a close is no difference of that close: a later one adjusts it.
  const earlier = await verdictOf(ask, '2026-03.EUR');
  expect(earlier).toMatchObject({ agrees: true, differences: [], problems: [], hashes: [] });
  expect(await receiveFees(ask, '2026-05.EUR')).toBeUndefined();
});

test('one record that is another makes it disagree, and names the line', async () => {
  const forged = changing('/v1/payments', (text) => text.replace('"amount":5000', '"amount":5010'));
  const { agrees, differences, hashes } = await verdictOf(forged);
  expect([agrees, hashes]).toEqual([false, []]);
  expect(differences.length).toBeGreaterThan(0);
  for (const { lines } of differences) expect(lines.length).toBe(1);
});

test('a line or a document that is not the one that was closed is found by its hash', async () => {
  const line = changing('/v1/fees/statements/', (text) => text.replace('"reason":"earned"', '"reason":"reversed"')); // prettier-ignore
  expect((await verdictOf(line)).hashes).toEqual(
    expect.arrayContaining([expect.stringContaining('its lines are not those')]),
  );
  const document = changing('/v1/fees/statements/', (text) => text.replace('closedAt', 'closedOn'));
  expect((await verdictOf(document)).hashes).toEqual(
    expect.arrayContaining([expect.stringContaining('its document is not the one')]),
  );
});

test('the command says the same in a sentence, and ends with 1 where there is no such statement', async () => {
  const file = join(folder, 'token.txt');
  writeFileSync(file, `${token}\n`);
  const words = ['fees', 'recompute', '--url', origin(), '--token-file', file, '--statement'];
  const run = (statement: string) => runCommand([...words, statement], {});
  const whole = await run('2026-04.EUR');
  expect(whole.text).toMatch(
    /2026-04\.EUR and 1 other closed statement of EUR: all \d+ fees come out as stated\./,
  );
  expect(whole.text).toMatch(
    /\d+ lines of -?\d+\.\d\d EUR in all are withheld; they cannot be recomputed\./,
  );
  expect(whole.code).toBe(0);
  const none = await run('2026-05.EUR');
  expect(none.text).toContain('There is no closed statement 2026-05.EUR. (not-closed)');
  expect(none.code).toBe(1);
}, 30_000);
