import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { loadRecords } from '../../src/loading/index.ts';
import { readMapping } from '../../src/mapping/index.ts';
import {
  givenPartner,
  givenRelationship,
  givenToken,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { readReference, referenceUrl } from '../support/reference.ts';
import { readStream } from '../support/stream-lines.ts';

/** The real sets, loaded through their example mappings into a gateway with the partners of ledger.csv. */

const examples = new URL('../../examples/', import.meta.url);
const recordTypesDir = fileURLToPath(new URL('northwind/records', examples));

export interface RealSet {
  readonly name: 'northwind' | 'chinook';
  readonly service: string;
  readonly partners: number;
  /** Customers who never ordered, and whom they are attributed to. */
  readonly neverPaid: Readonly<Record<string, string>>;
  readonly customers: number;
}
export const sets: readonly RealSet[] = [
  {
    name: 'northwind',
    service: 'trade',
    partners: 9,
    neverPaid: { FISSA: '1', PARIS: '1' },
    customers: 91,
  },
  { name: 'chinook', service: 'store', partners: 3, neverPaid: {}, customers: 59 },
];

export interface World {
  readonly house: House;
  readonly gateway: Express;
  readonly partners: Map<string, GivenPartner>;
  readonly tokens: Map<string, string>;
}

/** Whether the reference data is beside the checkout. */
export function isHere({ name }: RealSet): boolean {
  try {
    return readReference(`data/${name}/ledger.csv`) !== '';
  } catch {
    return false;
  }
}

/** The set, its partners with what they may see, and each customer attributed before its first record. */
export async function openWorld(
  set: RealSet,
  sees: Partial<Parameters<typeof givenPartner>[1]> = {},
): Promise<World> {
  const house = await openHouse({ settings: { recordTypesDir } });
  const { tools, admin } = house;
  await admin.raw(
    'create table ledger (entry_id text, customer text, partner text, at date, amount numeric)',
  );
  const [, ...rows] = readReference(`data/${set.name}/ledger.csv`).trimEnd().split(/\r?\n/);
  const entries = rows.map((row) => {
    const [entry = '', customer = '', partner = '', at = '', , amount = ''] = row.split(',');
    return { entry_id: entry, customer, partner, at, amount };
  });
  await admin.batchInsert('ledger', entries, 500);
  const mapping = await readMapping(fileURLToPath(new URL(`${set.name}/mapping.json`, examples)));
  const folder = fileURLToPath(referenceUrl(`data/${set.name}`));
  const report = await loadRecords(tools, { folder, mapping });
  expect(report).toMatchObject({ rejections: [], stopped: null });
  const { rows: owners } = await admin.raw<{ rows: { customer: string; partner: string }[] }>(
    'select customer, min(partner) as partner, count(distinct partner) from ledger group by customer',
  );
  const attributed = [
    ...owners,
    ...Object.entries(set.neverPaid).map(([customer, partner]) => ({ customer, partner })),
  ];
  expect(attributed).toHaveLength(set.customers);
  const partners = new Map<string, GivenPartner>();
  const tokens = new Map<string, string>();
  const gateway = createGateway(tools);
  for (const key of [...new Set(attributed.map(({ partner }) => partner))].sort()) {
    const given = await givenPartner(tools, {
      key: `p${key}`,
      terms: {
        fee: { kind: 'percent', ratePercent: '20', rounding: 'half-even', currencies: ['USD'] },
      },
      validFrom: '1990-01-01',
      view: { customer: true, invoice: true, payment: true, refund: true },
      ...sees,
    });
    partners.set(key, given);
    tokens.set(key, await givenToken(gateway, given));
  }
  for (const { customer, partner } of attributed) {
    const { partner: who } = partners.get(partner) ?? { partner: undefined };
    if (!who) throw new Error(`no partner ${partner}`);
    await givenRelationship(tools, who, customer, {
      at: new Date('1990-01-01T00:00:00Z'),
      serviceKey: set.service,
    });
  }
  return { house, gateway, partners, tokens };
}

/** All records of a list, walked by pages of `size`; `narrowed` is more of the query ("&to=…"). */
export async function pullAll(
  world: World,
  partner: string,
  list: string,
  { size = 100, narrowed = '' } = {},
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  let query = '';
  for (;;) {
    const answer = await request(world.gateway)
      .get(`/v1/${list}?limit=${String(size)}${narrowed}${query}`)
      .auth(world.tokens.get(partner) ?? '', { type: 'bearer' });
    expect([list, narrowed, answer.status]).toEqual([list, narrowed, 200]);
    const page = answer.body as { data: Record<string, unknown>[]; next: string | null };
    found.push(...page.data);
    if (page.next === null) return found;
    expect(page.data).toHaveLength(size);
    query = `&cursor=${page.next}`;
  }
}

/** The same as a stream of lines, whole and each line logged. */
export async function streamAll(
  world: World,
  partner: string,
  list: string,
  narrowed = '',
): Promise<Record<string, unknown>[]> {
  const answer = await request(world.gateway)
    .get(`/v1/${list}${narrowed.replace('&', '?')}`)
    .auth(world.tokens.get(partner) ?? '', { type: 'bearer' })
    .accept('application/x-ndjson')
    .buffer(true)
    .parse(bytesOf);
  const stream = readStream(answer.body as Buffer);
  const { error, isWhole, unlogged } = stream;
  expect([list, answer.status, error, isWhole, unlogged]).toEqual([list, 200, undefined, true, []]);
  return stream.chunks.flatMap(({ records }) => records);
}

function bytesOf(answer: unknown, done: (error: Error | null, body: Buffer) => void): void {
  const parts: Buffer[] = [];
  const source = answer as NodeJS.ReadableStream;
  source.on('data', (part: Buffer) => parts.push(part));
  source.on('end', () => {
    done(null, Buffer.concat(parts));
  });
}
