import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { changeRelationship, setChoice } from '../../src/intake/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { customerIdOf, recordIdOf, serviceIdOf } from '../../src/records/index.ts';
import { closeStatements } from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

/** What a partner hears of a claimed line tells nothing of customers that are not to be seen. */

let house: House;
let gateway: Express;
let bright: GivenPartner;
let token: string;

const joint = ['ada', 'out', 'ended', 'unpaid', 'off'] as const;

beforeAll(async () => {
  house = await openHouse();
  const { tools } = house;
  gateway = createGateway(tools);
  bright = await givenPartner(tools);
  const rival = await givenPartner(tools, { key: 'rival' });
  await givenRecords(tools, [service(), service('archive'), ...[...joint, 'foreign', 'loose'].map((id) => customer(id))]); // prettier-ignore
  for (const who of joint) await givenRelationship(tools, bright.partner, who);
  await givenRelationship(tools, rival.partner, 'foreign');
  await givenRecords(tools, [...joint, 'foreign', 'loose'].flatMap((who) => (who === 'unpaid' ? [] : [payment(`p-${who}`, who)]))); // prettier-ignore
  await givenRecords(tools, [payment('early', 'ada', { settledAt: '2025-03-02T10:00:00Z' })]);
  const by = (await givenPerson(tools, ['finance'])).id;
  await closeStatements(tools, { month: '2026-03', by });
  const at = new Date('2026-06-01T00:00:00Z');
  await setChoice(tools, { customerId: customerIdOf('out'), partner: bright.partner, sharing: 'refused', at, evidence: 'asked', actor: 'test' }); // prettier-ignore
  for (const [who, event] of [
    ['ended', 'ended'],
    ['off', 'opted-out'],
  ] as const) {
    // prettier-ignore
    await changeRelationship(tools, {
      ...{ partner: bright.partner, customerId: customerIdOf(who), serviceId: serviceIdOf('store') },
      ...{ event, at, evidence: 'asked', actor: 'test' },
    });
  }
  token = await givenToken(gateway, bright);
});
afterAll(() => house.close());

const pairwise = () => pairwiseOf(house.tools.settings.keys.pairwise, bright.partner.id);
const cus = (key: string) => pairwise().idOf('customer', customerIdOf(key));
const pay = (key: string) => pairwise().idOf('payment', recordIdOf('payment', key));
const ada = () => ({ customer: cus('ada'), payment: pay('p-ada'), amount: 240 });

/** What came of a claim in which one line is this one: every byte, statement and entry of the log. */
async function heardOf(line: object, at: 'first' | 'among many') {
  const { tools, admin } = house;
  const fill = Array.from({ length: at === 'among many' ? 300 : 0 }, (_, n) => ({ customer: `none ${String(n)}`, amount: 1 })); // prettier-ignore
  const lines = at === 'first' ? [line, ada()] : [...fill, ada(), line, ...fill];
  const statements: string[] = [];
  const hear = ({ sql }: { sql: string }) => {
    // The writer of the log keeps its own time.
    if (!/log_|disclosure_/.test(sql)) statements.push(sql);
  };
  tools.db.on('query', hear);
  const auth = { Authorization: `Bearer ${token}` };
  const taken = await request(gateway).post('/v1/fees/claims?period=2026-03&currency=EUR').set(auth).send({ lines }); // prettier-ignore
  const { id } = taken.body as { id: string };
  const answers = [taken];
  for (const path of ['', '/lines', '/lines?limit=1']) {
    answers.push(await request(gateway).get(`/v1/fees/claims/${id}${path}`).set(auth));
  }
  tools.db.removeListener('query', hear);
  const { rows } = await admin.raw<{ rows: { entry: string }[] }>('select entry from disclosure_entries order by index desc limit 3'); // prettier-ignore
  const entries = rows.map(({ entry }) => {
    const told = JSON.parse(entry) as Record<string, unknown> & { subjects?: { size: number } };
    return { ...told, ...{ id: 0, at: 0, payload: 0, subjects: told.subjects?.size } };
  });
  const bodies = answers.map(({ status, text, headers }) => [
    status,
    Object.keys(headers).sort(),
    text
      .replaceAll(/"(sha256|receivedAt|next)":"[^"]*"/g, '"$1":"…"')
      .replaceAll(/clm_[\w-]{22}/g, 'clm_…'),
    text.length,
  ]);
  return { bodies, statements, entries };
}

test.each(['first', 'among many'] as const)(
  'promise P10: a claimed line about a customer who is not joint, unknown, ended, opted out or not active yet, %s, is answered alike: bytes, statements and log',
  async (at) => {
    // The first question reads the partner’s rights, which are remembered.
    await heardOf(ada(), at);
    const heard = await heardOf({ customer: 'nobody-there', amount: 240 }, at);
    expect(heard.bodies.map(([status]) => status)).toEqual([201, 200, 200, 200]);
    expect(heard.statements.length).toBeGreaterThan(20);
    const hidden = ['out', 'ended', 'off', 'unpaid', 'foreign', 'loose', 'never-there'];
    for (const who of hidden) {
      const same = await heardOf({ customer: cus(who), amount: 240 }, at);
      expect([who, same]).toEqual([who, heard]);
    }
    for (const who of ['out', 'ended', 'off', 'foreign', 'loose', 'never-there']) {
      for (const line of [
        { payment: pay(`p-${who}`), amount: 240 },
        { customer: cus(who), payment: pay(`p-${who}`), amount: 240 },
        { customer: cus('ada'), payment: pay(`p-${who}`), amount: 240 },
        { customer: cus(who), payment: pay('p-ada'), amount: 240 },
      ]) {
        const same = await heardOf(line, at);
        // The rest of ada’s lines is the same whichever line it is beside.
        expect([who, same.bodies, same.entries]).toEqual([who, heard.bodies, heard.entries]);
        expect([who, same.statements.length]).toEqual([who, heard.statements.length]);
      }
    }
    // Of a customer that is joint, what settled before is none of the partner’s.
    const early = await heardOf({ customer: cus('ada'), payment: pay('early'), amount: 240 }, at);
    const never = await heardOf({ customer: cus('ada'), payment: pay('no such'), amount: 240 }, at);
    expect(early).toEqual(never);
    expect(early.bodies).toEqual(heard.bodies);
  },
);
