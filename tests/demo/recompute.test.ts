import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { firstDay, lastDay } from '../../src/demo/company.ts';
import { prepareDemo } from '../../src/demo/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { findPartners } from '../../src/partners/index.ts';
import { addMonths, monthOf } from '../../src/platform/calendar-days.ts';
import { listen, type RunningServer } from '../../src/platform/http/lifecycle.ts';
import { systemRandomness } from '../../src/platform/randomness.ts';
import { receiveFees, recomputeFees, type AskApi } from '../../src/recomputation/index.ts';
import { closeStatements, findClosedStatements } from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { givenToken } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let server: RunningServer;
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-demo-recompute-'));
/** By the partner's key. */
const tokens = new Map<string, string>();
const statements = new Map<string, { id: string; accruedMinor: bigint }[]>();

beforeAll(async () => {
  house = await openHouse({ settings: { dataDir } });
  const { tools } = house;
  const gateway = createGateway(tools);
  const { credentials } = await prepareDemo(tools);
  const by = (await givenPerson(tools, ['finance'])).id;
  for (let day = firstDay; day <= lastDay; day = addMonths(day, 1)) {
    await closeStatements(tools, { month: monthOf(day), by });
  }
  for (const { id, key } of await findPartners(tools.db)) {
    const file = readFileSync(credentials[key as keyof typeof credentials], 'utf8');
    const [, clientId = '', secret = ''] = /^CLIENT_ID='(.+)'\nCLIENT_SECRET='(.+)'\n$/.exec(file) ?? []; // prettier-ignore
    tokens.set(key, await givenToken(gateway, { clientId, secret }));
    statements.set(key, await findClosedStatements(tools.db, { partnerId: id }));
  }
  server = await listen(gateway, { host: '127.0.0.1', port: 0, random: systemRandomness });
}, 180_000);
afterAll(async () => {
  await server.stop(1);
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Asks over HTTP by a partner's token, once for each path; what a view does not share is nothing. */
function askerOf(partner: string): AskApi {
  const headers = { Authorization: `Bearer ${tokens.get(partner) ?? ''}` };
  const answers = new Map<string, unknown>();
  return async (path) => {
    if (answers.has(path)) return answers.get(path);
    const answer = await fetch(`http://127.0.0.1:${String(server.port)}${path}`, { headers });
    const body: unknown = await answer.json();
    answers.set(path, answer.status === 200 ? body : undefined);
    return answers.get(path);
  };
}

async function verdictOf(ask: AskApi, statement: string) {
  const given = await receiveFees(ask, statement);
  if (!given) throw new Error(`${statement} is not closed.`);
  const verdict = recomputeFees(given.received);
  return { ...verdict, problems: [...given.problems, ...verdict.problems] };
}

test('every partner of the demo comes to every statement of every month and currency', async () => {
  let fees = 0;
  let count = 0;
  for (const [partner, its] of statements) {
    const ask = askerOf(partner);
    expect([partner, its.length > 4]).toEqual([partner, true]);
    for (const { id } of its) {
      const { agrees, differences, problems, recomputed } = await verdictOf(ask, id);
      expect([partner, id, agrees, differences, problems]).toEqual([partner, id, true, [], []]);
      fees += recomputed;
      count += 1;
    }
  }
  process.stderr.write(`the demo: ${String(count)} closed statements come out\n`);
  expect(statements.size).toBe(3);
  expect(fees).toBeGreaterThan(count);
}, 120_000);

test('one payment of the demo that is another makes it disagree, and its line is named', async () => {
  const partner = 'brightside';
  const { id = '' } = statements.get(partner)?.find(({ accruedMinor }) => accruedMinor > 0n) ?? {};
  const ask = askerOf(partner);
  const given = await receiveFees(ask, id);
  const line = given?.received.statements
    .at(-1)
    ?.lines.find(({ payment, amount }) => payment !== undefined && amount.amount > 0);
  const forged: AskApi = async (path) => {
    const body = await ask(path);
    if (!path.startsWith('/v1/payments')) return body;
    const page = body as { data: { id: string; amount: { amount: number } }[] };
    const changed = (one: (typeof page.data)[number]) =>
      one.id === line?.payment
        ? { ...one, amount: { ...one.amount, amount: one.amount.amount + 100 } }
        : one;
    return { ...page, data: page.data.map(changed) };
  };
  const { agrees, problems, differences } = await verdictOf(forged, id);
  expect([agrees, problems]).toEqual([false, []]);
  // The refund of that payment takes another share back, too.
  expect(differences.map(({ lines }) => lines)).toContainEqual([line?.id]);
  expect(new Set(differences.map(({ payment }) => payment))).toEqual(new Set([line?.payment]));
}, 60_000);
