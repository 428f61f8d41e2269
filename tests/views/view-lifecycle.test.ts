import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import type { PartnerId } from '../../src/partners/index.ts';
import { inTransaction } from '../../src/platform/database.ts';
import {
  findViews,
  publishView,
  publishViewIn,
  retireView,
  stageOf,
  endOf,
  viewsAsReadAt,
  viewServed,
  viewsServed,
  type View,
} from '../../src/views/index.ts';
import {
  givenPartner,
  givenSharedCustomer,
  givenToken,
  type GivenPartner,
} from '../support/given.ts';
import { noon, openHouse, testClock, type House } from '../support/house.ts';

let house: House;
let gateway: Express;
const clock = testClock();
const day = 86_400_000;
const afterDays = (days: number) => new Date(noon.getTime() + days * day);

beforeAll(async () => {
  house = await openHouse({ clock });
  gateway = createGateway(house.tools);
});
afterAll(() => house.close());

/** A partner whose first view shows contact data; each next one shows what is given. */
async function givenMigrating(key: string) {
  clock.set(noon);
  const given = await givenPartner(house.tools, { key, view: contactOnly });
  await givenSharedCustomer(house.tools, given.partner, `of-${key}`);
  const publish = (
    members: Record<string, true>,
    when: { effectiveAt?: Date; sunset?: Date } = {},
  ) =>
    publishView(house.tools, {
      partner: given.partner,
      draft: { type: 'object', properties: { customer: { properties: members } } },
      ...when,
    });
  const stages = async () => {
    const views = await findViews(house.tools.db, given.partner.id);
    return views.map((view) => stageOf(view, views, clock.now()));
  };
  return { given, publish, stages };
}
const contactOnly = { customer: { properties: { contact: true } } };

/** What the partner gets for a list of customers, asking for a version or for none. */
async function ask(given: GivenPartner, version?: string) {
  const token = await givenToken(gateway, given);
  const get = request(gateway).get('/v1/customers').auth(token, { type: 'bearer' });
  return version === undefined ? get : get.set('Sluice-View', version);
}
const membersOf = (answer: request.Response) =>
  Object.keys((answer.body as { data: Record<string, unknown>[] }).data[0] ?? {});

test('while a partner migrates both versions are served, and the old one tells when it ends', async () => {
  const { given, publish, stages } = await givenMigrating('migrates');
  await publish({ billing: true }, { sunset: afterDays(10) });
  expect(await stages()).toEqual(['being retired', 'in force']);
  const next = await ask(given);
  expect(membersOf(next)).toEqual(['id', 'billing']);
  expect(next.headers).toMatchObject({ 'sluice-view': '2' });
  expect(next.headers).not.toHaveProperty('sunset');
  expect(next.headers).not.toHaveProperty('deprecation');
  const old = await ask(given, '1');
  expect(membersOf(old)).toEqual(['id', 'contact']);
  expect(old.headers).toMatchObject({
    'sluice-view': '1',
    sunset: 'Wed, 02 Dec 2026 12:00:00 GMT',
    deprecation: `@${String(noon.getTime() / 1000)}`,
  });
  clock.set(afterDays(10));
  const over = await ask(given, '1');
  expect([over.status, (over.body as { code: string }).code]).toEqual([406, 'view-not-served']);
  expect(await stages()).toEqual(['retired', 'in force']);
});

test('a version takes effect by the clock, with no write in between, and ends the one before it', async () => {
  const { given, publish, stages } = await givenMigrating('waits');
  await publish({ billing: true }, { effectiveAt: afterDays(2) });
  expect(await stages()).toEqual(['in force', 'waiting']);
  const before = await ask(given);
  expect(membersOf(before)).toEqual(['id', 'contact']);
  expect(before.headers).toMatchObject({ sunset: 'Tue, 24 Nov 2026 12:00:00 GMT' });
  expect((await ask(given, '2')).status).toBe(406);
  clock.set(new Date(afterDays(2).getTime() - 1));
  expect(membersOf(await ask(given))).toEqual(['id', 'contact']);
  clock.set(afterDays(2));
  expect(membersOf(await ask(given))).toEqual(['id', 'billing']);
  expect((await ask(given, '1')).status).toBe(406);
});

test('a version that waits can be withdrawn, which gives nothing back: the one before it ends all the same', async () => {
  const { given, publish, stages } = await givenMigrating('withdraws');
  await publish({ billing: true }, { effectiveAt: afterDays(2) });
  await retireView(house.tools, { partnerId: given.partner.id, version: 2 });
  expect(await stages()).toEqual(['in force', 'withdrawn']);
  expect((await ask(given)).headers['sunset']).toBe(afterDays(2).toUTCString());
  clock.set(afterDays(3));
  expect((await ask(given)).status).toBe(403);
});

test('promise P09: a retired view takes effect with the very next answer', async () => {
  const { given } = await givenMigrating('retires');
  expect((await ask(given)).status).toBe(200);
  await retireView(house.tools, { partnerId: given.partner.id, version: 1 });
  const none = await ask(given);
  expect([none.status, (none.body as { code: string }).code]).toEqual([403, 'no-view']);
});

/** Does something by a clock that is 5 s ahead of the gateway's. */
async function ahead<Done>(work: () => Promise<Done>): Promise<Done> {
  clock.advance(5000);
  const done = await work();
  clock.advance(-5000);
  return done;
}

test('promise P09: a narrower view holds at once also where the gateway’s clock lags', async () => {
  const { given, publish } = await givenMigrating('lags');
  expect(membersOf(await ask(given))).toEqual(['id', 'contact']);
  await ahead(() => publish({ billing: true }));
  const narrowed = await ask(given);
  expect([narrowed.headers['sluice-view'], membersOf(narrowed)]).toEqual(['2', ['id', 'billing']]);
  expect((await ask(given, '1')).status).toBe(406);
  await ahead(() => retireView(house.tools, { partnerId: given.partner.id, version: 2 }));
  const none = await ask(given);
  expect([none.status, (none.body as { code: string }).code]).toEqual([403, 'no-view']);
});

test('what is published for a moment to come waits for it by the gateway’s own clock', async () => {
  const { given, publish } = await givenMigrating('by-clock');
  const soon = new Date(noon.getTime() + 6000);
  await ahead(() => publish({ billing: true }, { effectiveAt: soon, sunset: afterDays(1) }));
  expect(membersOf(await ask(given))).toEqual(['id', 'contact']);
  clock.set(soon);
  expect(membersOf(await ask(given))).toEqual(['id', 'billing']);
  expect(membersOf(await ask(given, '1'))).toEqual(['id', 'contact']);
});

test('an end is only ever brought forward, and the past is never changed', async () => {
  const { given, publish } = await givenMigrating('forward');
  const partnerId = given.partner.id;
  const refused = { kind: { code: 'invalid-view' } };
  const retire = (at: Date) => retireView(house.tools, { partnerId, version: 1, at });
  await expect(publish({ billing: true }, { effectiveAt: afterDays(-1) })).rejects.toMatchObject(
    refused,
  );
  await expect(
    publish({ billing: true }, { effectiveAt: afterDays(2), sunset: afterDays(2) }),
  ).rejects.toMatchObject({ ...refused, facts: { field: 'sunset' } });
  await expect(retire(afterDays(-1))).rejects.toMatchObject(refused);
  await expect(retire(new Date(NaN))).rejects.toMatchObject(refused);
  await publish({ billing: true }, { sunset: afterDays(9) });
  await expect(retire(afterDays(9))).rejects.toMatchObject(refused);
  await expect(retire(afterDays(20))).rejects.toMatchObject(refused);
  expect((await retire(afterDays(5))).retirement?.retiresAt).toEqual(afterDays(5));
  await expect(retireView(house.tools, { partnerId, version: 7 })).rejects.toMatchObject({
    kind: { code: 'unknown-view' },
  });
  const bare = await givenPartner(house.tools, { key: 'bare', view: null });
  await expect(
    publishView(house.tools, {
      partner: bare.partner,
      draft: { type: 'object', properties: { customer: { properties: { contact: true } } } },
      sunset: afterDays(1),
    }),
  ).rejects.toMatchObject({ ...refused, facts: { field: 'sunset' } });
});

test('what was known of versions and their ends at a past moment can be told later', async () => {
  const { given, publish } = await givenMigrating('history');
  const partnerId = given.partner.id;
  clock.set(afterDays(1));
  await publish({ billing: true }, { sunset: afterDays(9) });
  clock.set(afterDays(3));
  await retireView(house.tools, { partnerId, version: 1, at: afterDays(4), actor: 'ann' });
  const known = async (days: number) =>
    (await findViews(house.tools.db, partnerId, { knownAt: afterDays(days) })).map(
      ({ version, retirement }) => [version, retirement?.retiresAt ?? null],
    );
  expect(await known(0.5)).toEqual([[1, null]]);
  expect(await known(2)).toEqual([[1, afterDays(9)], [2, null]]); // prettier-ignore
  expect(await known(3)).toEqual([[1, afterDays(4)], [2, null]]); // prettier-ignore
  await expect(house.tools.db('view_retirements').update({ actor: 'x' })).rejects.toThrow(
    /permission denied/,
  );
});

test('a view is published inside a transaction of the caller’s, or not at all', async () => {
  const { given, stages } = await givenMigrating('within');
  const draft = { type: 'object', properties: { customer: { properties: { billing: true } } } };
  const next = { partner: given.partner, draft, actor: 'ann and ben' };
  const failing = inTransaction(house.tools.db, async (tx) => {
    await publishViewIn(tx, house.tools, next);
    throw new Error('the approval failed');
  });
  await expect(failing).rejects.toThrow('the approval failed');
  expect(await stages()).toEqual(['in force']);
  const view = await inTransaction(house.tools.db, (tx) => publishViewIn(tx, house.tools, next));
  const [, stored] = await findViews(house.tools.db, given.partner.id);
  expect(stored).toEqual(view);
  expect(stored?.actor).toBe('ann and ben');
});

test.each(['0', '01', '1.0', '-1', '1, 2', 'one', '9999999999', '1 '.repeat(20)])(
  'the header Sluice-View: %s is refused, naming the header and not the value',
  async (value) => {
    const { given } = await givenMigrating(
      `wrong-${String(value.length)}-${Buffer.from(value).toString('hex').slice(0, 12)}`,
    );
    const answer = await ask(given, value);
    expect(answer.body).toMatchObject({
      status: 400,
      code: 'header-invalid',
      field: 'sluice-view',
    });
  },
);

test('a caller is told which versions are served, until when, and what each one shows', async () => {
  const { given, publish } = await givenMigrating('told');
  await publish({ billing: true }, { sunset: afterDays(10) });
  const token = await givenToken(gateway, given);
  const me = (version?: string) => {
    const get = request(gateway).get('/v1/me').auth(token, { type: 'bearer' });
    return version === undefined ? get : get.set('Sluice-View', version);
  };
  const newest = (await me()).body as Record<string, unknown>;
  expect(newest).toMatchObject({
    view: { version: 2, records: { customer: expect.arrayContaining(['id', 'billing.name']) } },
    views: [
      { version: 1, effective: noon.toISOString(), sunset: afterDays(10).toISOString() },
      { version: 2, effective: noon.toISOString(), sunset: null },
    ],
  });
  const old = (await me('1')).body as Record<string, unknown>;
  expect(old).toMatchObject({ view: { version: 1 } });
  expect(JSON.stringify(old['view'])).not.toContain('billing');
  expect((await me('3')).status).toBe(406);
});

test('the documents of a version and a stream through it say the same as its pages', async () => {
  const { given, publish } = await givenMigrating('documented');
  await publish({ billing: true }, { sunset: afterDays(10) });
  const token = await givenToken(gateway, given);
  const get = (path: string, version: string) =>
    request(gateway).get(path).auth(token, { type: 'bearer' }).set('Sluice-View', version);
  const shown = { 1: ['id', 'contact'], 2: ['id', 'billing'] };
  for (const [version, members] of Object.entries(shown)) {
    const schema = (await get('/v1/schema', version)).body;
    expect(Object.keys(schema.properties.customer.properties)).toEqual(members);
    const openapi = (await get('/v1/openapi.json', version)).text;
    expect([openapi.includes('givenName'), openapi.includes('taxNumber')]).toEqual(
      version === '1' ? [true, false] : [false, true],
    );
    const page = await get('/v1/customers', version);
    const stream = await get('/v1/customers', version).set('Accept', 'application/x-ndjson');
    for (const name of ['sluice-view', 'sunset', 'deprecation'])
      expect([name, stream.headers[name]]).toEqual([name, page.headers[name]]);
    expect(stream.headers['sluice-view']).toBe(version);
  }
  for (const path of ['/v1/schema', '/v1/openapi.json']) {
    const answer = await get(path, '3');
    expect([answer.status, answer.body.code]).toEqual([406, 'view-not-served']);
  }
});

const moment = fc.integer({ min: 0, max: 20 }).map(afterDays);
const life = fc.record({
  published: moment,
  waits: fc.integer({ min: 0, max: 5 }),
  retired: fc.option(fc.record({ decided: moment, in: fc.integer({ min: 0, max: 5 }) })),
});
type Life = typeof life extends fc.Arbitrary<infer Value> ? Value : never;

const viewsOf = (lives: readonly Life[]) =>
  lives.map(({ published, waits, retired }, index): View => ({
    partnerId: 'p' as PartnerId,
    version: index + 1,
    document: { type: 'object', additionalProperties: false, properties: {} },
    digest: '',
    publishedAt: published,
    effectiveAt: new Date(published.getTime() + waits * day),
    actor: 'test',
    retirement: retired && {
      decidedAt: retired.decided,
      retiresAt: new Date(retired.decided.getTime() + retired.in * day),
    },
  }));

test('read at a moment, what was said to begin or end at once has, and all else goes by the clock', () => {
  fc.assert(
    fc.property(fc.array(life, { maxLength: 6 }), moment, (lives, now) => {
      const views = viewsOf(lives);
      const served = viewsServed(viewsAsReadAt(views, now), now).map(({ version }) => version);
      const isDone = (at: Date, said: Date) => at <= now || at.getTime() === said.getTime();
      const expected = views.filter((view) => {
        const end = endOf(view, views);
        const isOver = end !== null && isDone(end.retiresAt, end.decidedAt);
        const isWithdrawn = stageOf(view, views, now) === 'withdrawn';
        return isDone(view.effectiveAt, view.publishedAt) && !isOver && !isWithdrawn;
      });
      expect(served).toEqual(expected.map(({ version }) => version));
    }),
  );
});

test('whatever is published and retired, only what has begun and is not over is served, the newest first', () => {
  fc.assert(
    fc.property(fc.array(life, { maxLength: 6 }), moment, (lives, now) => {
      const views = viewsOf(lives);
      const served = viewsServed(views, now);
      const newest = viewServed(views, { now });
      expect(newest).toBe(served.at(-1));
      for (const view of views) {
        const stage = stageOf(view, views, now);
        const isServed = served.includes(view);
        expect(isServed).toBe(stage === 'in force' || stage === 'being retired');
        expect(viewServed(views, { now, asked: view.version })).toBe(isServed ? view : undefined);
        if (!isServed) continue;
        expect(view.effectiveAt <= now).toBe(true);
        if (view.retirement) expect(now < view.retirement.retiresAt).toBe(true);
        // A later version that took effect keeps an earlier one only under an end that was decided.
        const follower = served.find(({ version }) => version > view.version);
        if (follower) expect(view.retirement).not.toBeNull();
      }
    }),
  );
});
