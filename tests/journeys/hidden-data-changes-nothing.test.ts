import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Express } from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { accrueFees } from '../../src/fees/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { changeRelationship } from '../../src/intake/index.ts';
import type { Randomness } from '../../src/platform/randomness.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  invoice,
  money,
  payment,
  refund,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

/**
 * Non-interference (policy): two databases that differ only in what a partner may not see answer
 * it byte for byte alike. What is drawn anew for each answer (request and disclosure ids, salts,
 * hashes over them) is masked; everything else is compared: status, headers, bodies.
 */

interface World {
  readonly house: House;
  readonly gateway: Express;
  readonly bright: GivenPartner;
}

const lists = ['customers', 'invoices', 'payments', 'refunds'];

/** The same chance in both worlds, so that partner and log have the same ids. */
function counted(): Randomness {
  let count = 0;
  return {
    bytes: (size) => {
      count += 1;
      const digest = createHash('sha512').update(String(count)).digest();
      return Buffer.concat([digest, digest]).subarray(0, size);
    },
  };
}

/** What the partner may see, in both worlds. */
async function openWorld(): Promise<World> {
  const house = await openHouse({ random: counted() });
  const { tools } = house;
  const bright = await givenPartner(tools);
  await givenRecords(tools, [
    service(),
    ...['ada', 'ben', 'cyd', 'out'].map((id) => customer(id)),
    ...['ada', 'ben', 'cyd', 'out'].flatMap((id) => [
      invoice(`i-${id}`, id),
      payment(`p-${id}`, id),
    ]),
    invoice('i2-ada', 'ada', { issuedOn: '2026-04-01' }),
    refund('r-ben', 'ben', 'p-ben'),
  ]);
  for (const id of ['ada', 'ben', 'cyd', 'out']) await givenRelationship(tools, bright.partner, id);
  return { house, gateway: createGateway(tools), bright };
}

const small = fc.nat(3);
/** What the partner may not see; each is applied to one of the worlds only. */
const hidden = fc.oneof(
  fc.record({ is: fc.constant('stranger' as const), paid: fc.boolean(), more: small }),
  fc.record({ is: fc.constant('rival' as const), more: small }),
  fc.record({ is: fc.constant('past' as const), amount: small }),
  fc.record({
    is: fc.constant('extras' as const),
    text: fc.constantFrom('a', 'b', 'Director', ''),
  }),
  fc.record({ is: fc.constant('other-service' as const), amount: small }),
  fc.record({ is: fc.constant('unpaid' as const), more: small }),
  fc.record({ is: fc.constant('opted-out' as const), more: small }),
);
type Hidden = typeof hidden extends fc.Arbitrary<infer Change> ? Change : never;

async function change({ house, bright }: World, one: Hidden, serial: number): Promise<void> {
  const { tools } = house;
  const id = `h${String(serial)}`;
  switch (one.is) {
    case 'stranger':
      await givenRecords(tools, [customer(id)]);
      if (one.paid) await givenRecords(tools, [payment(id, id, { amount: money(one.more + 1) })]);
      return;
    case 'rival': {
      const rival = await givenPartner(tools, { key: `rival-${id}` });
      await givenRecords(tools, [customer(id), invoice(id, id), payment(id, id)]);
      await givenRelationship(tools, rival.partner, id);
      return;
    }
    case 'past':
      return givenRecords(tools, [
        invoice(id, 'ada', { issuedOn: '2025-06-01', total: money(one.amount) }),
        payment(id, 'ada', { settledAt: '2025-06-01T00:00:00Z', amount: money(one.amount) }),
        refund(id, 'ada', id, { refundedAt: '2025-06-02T00:00:00Z', amount: money(one.amount) }),
      ]);
    case 'extras':
      return givenRecords(tools, [
        customer('ben', {
          email: { address: `${one.text}@example.test` },
          additional: { title: one.text, department: id },
        }),
      ]);
    case 'other-service':
      return givenRecords(tools, [
        service('archive'),
        invoice(id, 'ada', { service: 'archive' }),
        payment(id, 'ada', { service: 'archive', amount: money(one.amount + 1) }),
      ]);
    case 'unpaid':
      await givenRecords(tools, [customer(id), invoice(id, id)]);
      return givenRelationship(tools, bright.partner, id);
    case 'opted-out':
      return givenRecords(tools, [
        invoice(id, 'out', { issuedOn: '2026-06-10' }),
        payment(id, 'out', { settledAt: '2026-06-10T00:00:00Z', amount: money(one.more + 1) }),
      ]);
  }
}

async function optOut({ house, bright }: World): Promise<void> {
  await changeRelationship(house.tools, {
    partner: bright.partner,
    customerId: customerIdOf('out'),
    serviceId: serviceIdOf('store'),
    event: 'opted-out',
    at: new Date('2026-06-01T00:00:00Z'),
    evidence: 'asked',
    actor: 'test',
  });
}

/** Everything that the partner can ask, and all of what it hears. */
async function transcript({ house, gateway, bright }: World): Promise<string> {
  await accrueFees(house.tools, {});
  const token = await givenToken(gateway, bright);
  const heard: string[] = [];
  const ask = async (path: string) => {
    const answer = await request(gateway).get(path).auth(token, { type: 'bearer' });
    const headers = Object.entries(answer.headers as Record<string, string>)
      .filter(([name]) => !['date', 'request-id'].includes(name))
      .map(([name, value]) => `${name}: ${value}`);
    heard.push([path, String(answer.status), ...headers.sort(), answer.text].join('\n'));
    return answer.body as { data?: { id: string }[]; next?: string | null };
  };
  await ask('/v1/me');
  for (const list of [...lists, 'fees/accruals', 'fees/statements']) {
    const seen: string[] = [];
    let query = '';
    do {
      const page = await ask(`/v1/${list}?limit=2${query}`);
      seen.push(...(page.data ?? []).map(({ id }) => id));
      query = typeof page.next === 'string' ? `&cursor=${page.next}` : '';
    } while (query !== '');
    for (const id of seen.slice(0, 3)) await ask(`/v1/${list}/${id}`);
    await ask(`/v1/${list}/cus_${'A'.repeat(22)}`);
    await ask(`/v1/${list}?limit=0`);
  }
  await ask('/v1/disclosures');
  return masked(heard.join('\n\n'));
}

/** Drawn anew for each answer, or a hash over what is. */
function masked(text: string): string {
  return text
    .replaceAll(/req_[A-Za-z0-9_-]+/g, 'req_')
    .replaceAll(/dis_[A-Za-z0-9_-]{22}/g, 'dis_')
    .replaceAll(/tok_[A-Za-z0-9_-]+/g, 'tok_')
    .replaceAll(/(salt"?: ?"?)[A-Za-z0-9_-]+/gi, '$1')
    .replaceAll(/("(?:leafHash|payload|digest)\\?":\\?")[A-Za-z0-9_-]{43}/g, '$1');
}

async function compare(changes: readonly Hidden[], also?: (world: World) => Promise<void>) {
  const [plain, changed] = [await openWorld(), await openWorld()];
  try {
    await optOut(plain);
    await optOut(changed);
    for (const [i, one] of changes.entries()) await change(changed, one, i);
    await also?.(changed);
    return [await transcript(plain), await transcript(changed)] as const;
  } finally {
    await plain.house.close();
    await changed.house.close();
  }
}

test('promise P09: what a partner may not see cannot change a byte it receives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hidden, { minLength: 1, maxLength: 5 }), async (changes) => {
      const [plain, changed] = await compare(changes);
      expect(changed).toBe(plain);
    }),
    { numRuns: Number(process.env['SLUICE_TEST_PAIRS'] ?? 12) },
  );
}, 600_000);

test('the comparison is no empty one: what the partner may see does change what it receives', async () => {
  const [plain, changed] = await compare([], ({ house }) =>
    givenRecords(house.tools, [invoice('shown', 'ada', { issuedOn: '2026-07-01' })]),
  );
  expect(changed).not.toBe(plain);
  expect(plain).toContain('Person ada');
}, 60_000);
