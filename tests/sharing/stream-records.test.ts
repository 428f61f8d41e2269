import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createGateway } from '../../src/gateway.ts';
import { logKeys, proveDisclosure } from '../../src/publication/index.ts';
import { changeRelationship } from '../../src/intake/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { changePartnerStatus } from '../../src/partners/index.ts';
import { createHttpServer } from '../../src/platform/http/server.ts';
import type { StreamChunk } from '../../src/platform/http/stream.ts';
import { systemRandomness } from '../../src/platform/randomness.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import { shareRecords, streamRecords } from '../../src/sharing/index.ts';
import { verifyToken, type Caller } from '../../src/tokens/index.ts';
import { verifyProof } from '../../src/verification/index.ts';
import { publishView } from '../../src/views/index.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenSharedCustomer,
  givenToken,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { readStream } from '../support/stream-lines.ts';

const clock = testClock();
const server = { origin: '', close: () => undefined as unknown };
let house: House;
/** Its 25 customers have paid 105 times each: four chunks. */
let bright: GivenPartner;
let token: string;
const people = Array.from({ length: 25 }, (_, i) => `c${i}`);

beforeAll(async () => {
  house = await openHouse({ clock });
  bright = await givenPartner(house.tools);
  await givenRecords(house.tools, [
    service(),
    ...people.map((id) => customer(id)),
    ...people.flatMap((id) => Array.from({ length: 105 }, (_, i) => payment(`${id}-${i}`, id))),
  ]);
  for (const id of people) await givenRelationship(house.tools, bright.partner, id);
  const gateway = createGateway(house.tools);
  token = await givenToken(gateway, bright);
  const http = createHttpServer(gateway, systemRandomness);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  server.origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  server.close = () => (http.closeAllConnections(), http.close());
}, 60_000);
afterAll(async () => {
  server.close();
  await house.close();
});

const ndjson = 'application/x-ndjson';
const get = (path: string, { secret = token, accept = ndjson, method = 'GET' } = {}) =>
  fetch(server.origin + path, {
    method,
    headers: { Authorization: `Bearer ${secret}`, Accept: accept },
  });

const callerOf = async (secret: string): Promise<Caller> => {
  const verification = await verifyToken(house.tools, secret);
  if (!verification.isLive) throw new Refusal(verification.because);
  return verification.caller;
};

interface Options {
  readonly secret?: string;
  readonly rowsPerChunk?: number;
  readonly bytesPerChunk?: number;
  readonly recordType?: string;
}

/** The stream of the act itself, which a test asks for chunk by chunk. */
async function opened({ secret = token, recordType = 'payment', ...sizes }: Options = {}) {
  const caller = await callerOf(secret);
  const askAgain = () => callerOf(secret);
  return bytesOf(streamRecords(house.tools, { caller, recordType, askAgain, ...sizes }));
}

async function* bytesOf(chunks: AsyncIterable<StreamChunk>) {
  for await (const { bytes } of chunks) yield bytes;
}

/** What comes until the end or until it breaks off. */
async function rest(stream: AsyncGenerator<Buffer>) {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch (error) {
    return { ...readStream(Buffer.concat(chunks)), thrown: error };
  }
  return { ...readStream(Buffer.concat(chunks)), thrown: undefined };
}

/** The next chunk; when the caller goes on, the one after is not made yet. */
async function nextOf(stream: AsyncGenerator<Buffer>) {
  const { value } = await stream.next();
  return readStream(value ?? Buffer.alloc(0));
}

const recordsIn = ({ chunks }: Pick<ReturnType<typeof readStream>, 'chunks'>) =>
  chunks.flatMap(({ records }) => records);

/** All pages one after another. */
async function walked(recordType: string, secret = token) {
  const data: unknown[] = [];
  for (let cursor: string | undefined; ;) {
    const ask = { caller: await callerOf(secret), recordType, limit: 1000, cursor };
    const page = JSON.parse((await shareRecords(house.tools, ask)).body.toString());
    data.push(...page.data);
    if (page.next === null) return data;
    cursor = page.next;
  }
}

/** The entries of a partner's log, the newest last. */
async function entriesOf({ partner }: GivenPartner) {
  const rows = await house
    .admin<{ entry: string }>('disclosure_entries')
    .where('recipient_id', partner.id)
    .orderBy('index');
  return rows.map(({ entry }) => JSON.parse(entry));
}

async function expectLogged(who: GivenPartner, { chunks }: ReturnType<typeof readStream>) {
  const entries = await entriesOf(who);
  for (const { body, records, receipt } of chunks) {
    const salt = Buffer.from(receipt.salt, 'base64url');
    const payload = createHash('sha256').update(salt).update(body).digest('base64url');
    const entry = entries.find(({ id }) => id === receipt.disclosure);
    expect(entry).toMatchObject({ channel: 'stream', payload, subjects: { size: records.length } });
    expect(receipt.lines).toBe(records.length);
  }
}

/** Refuses entries from now on, as a disk that is full or a database that is lost does. */
async function breakLog() {
  await house.admin.raw(`
    create function no_entry() returns trigger language plpgsql as $$
    begin raise exception 'no space left' using errcode = '53100'; end $$;
    create trigger no_entry before insert on disclosure_entries for each row execute function no_entry();`);
  return () => house.admin.raw('drop function no_entry cascade');
}

const optOut = ({ partner }: GivenPartner, id: string) =>
  changeRelationship(house.tools, {
    partner,
    customerId: customerIdOf(id),
    serviceId: serviceIdOf('store'),
    event: 'opted-out',
    at: clock.now(),
    evidence: 'asked',
    actor: id,
  });

test('a stream is the walk by pages: the same records in the same order, and then the end', async () => {
  const answer = await get('/v1/payments');
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': ndjson,
    'cache-control': 'no-store',
    'transfer-encoding': 'chunked',
  });
  const names = [...answer.headers.keys()];
  expect(names.filter((name) => /^disclosure|^content-length|^etag/.test(name))).toEqual([]);
  const stream = readStream(Buffer.from(await answer.arrayBuffer()));
  expect(stream.isWhole).toBe(true);
  expect(stream.chunks.map(({ receipt }) => receipt.lines)).toEqual([100, 1000, 1000, 525]);
  expect(recordsIn(stream)).toEqual(await walked('payment'));
  expect(new Set(recordsIn(stream).map(({ id }) => id)).size).toBe(2625);
  await expectLogged(bright, stream);
});

test('however the chunks are cut, the stream is the walk, and each chunk keeps to its bounds', async () => {
  const walk = await walked('customer');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 6000 }),
      async (rowsPerChunk, bytesPerChunk) => {
        const sizes = { recordType: 'customer', rowsPerChunk, bytesPerChunk };
        const stream = await rest(await opened(sizes));
        expect(stream.isWhole).toBe(true);
        expect(recordsIn(stream)).toEqual(walk);
        for (const { body, records } of stream.chunks) {
          expect(records.length).toBeLessThanOrEqual(rowsPerChunk);
          if (records.length > 1) expect(body.length).toBeLessThanOrEqual(bytesPerChunk);
        }
      },
    ),
    { numRuns: 15 },
  );
});

test('the proof of a chunk holds for its saved lines, and for no others', async () => {
  const { chunks } = await rest(await opened({ rowsPerChunk: 1000 }));
  const [first, second] = chunks;
  const recipientId = bright.partner.id;
  const { text: proof } = await proveDisclosure(house.tools, {
    recipientId,
    id: second!.receipt.disclosure,
  });
  const given = { proof, key: (await logKeys(house.tools))[0]!, salt: second!.receipt.salt };
  expect(await verifyProof({ ...given, body: second!.body })).toMatchObject({
    holds: true,
    isBodyProven: true,
  });
  for (const body of [first!.body, second!.body.subarray(0, -1)]) {
    expect(await verifyProof({ ...given, body })).toMatchObject({ holds: false });
  }
});

test('an empty set is one logged chunk without lines, and then the end', async () => {
  const empty = await givenPartner(house.tools, { key: 'empty' });
  const secret = await givenToken(createGateway(house.tools), empty);
  const answer = await get('/v1/refunds', { secret });
  const stream = readStream(Buffer.from(await answer.arrayBuffer()));
  expect(stream).toMatchObject({ isWhole: true, chunks: [{ records: [], receipt: { lines: 0 } }] });
  await expectLogged(empty, stream);
  expect(await entriesOf(empty)).toHaveLength(1);
});

test('the entry tells which fields were shown', async () => {
  const few = await givenPartner(house.tools, {
    key: 'few',
    view: { customer: { properties: { contact: true, account: true } } },
  });
  await givenSharedCustomer(house.tools, few.partner, 'fay');
  const gateway = createGateway(house.tools);
  const secret = await givenToken(gateway, few, { scope: 'account' });
  const stream = await rest(await opened({ secret, recordType: 'customer' }));
  expect(Object.keys(recordsIn(stream)[0] ?? {})).toEqual(['id', 'account']);
  expect((await entriesOf(few)).at(-1)).toMatchObject({
    channel: 'stream',
    recordType: 'customer',
    classes: ['account'],
    fields: ['id', 'account.number', 'account.status', 'account.since', 'account.plan'],
  });
});

test('what a stream is narrowed to is kept beside each of its entries, and nothing where it is whole', async () => {
  const { tools } = house;
  const kept = async (path: string) => {
    const { text } = await get(path).then(async (answer) => ({ text: await answer.text() }));
    const id = /"disclosure":"dis_([\w-]{22})"/.exec(text)?.[1] ?? '';
    return tools
      .db('disclosure_secrets')
      .join('disclosure_entries', (on) =>
        on
          .on('disclosure_entries.recipient_id', 'disclosure_secrets.recipient_id')
          .andOn('disclosure_entries.index', 'disclosure_secrets.index'),
      )
      .whereRaw(`disclosure_entries.entry::jsonb ->> 'id' = ?`, [`dis_${id}`])
      .pluck('disclosure_secrets.filters') as Promise<unknown[]>;
  };
  const { settings } = tools;
  const pairwise = pairwiseOf(settings.keys.pairwise, bright.partner.id);
  const of = pairwise.idOf('customer', customerIdOf('c3'));
  expect(await kept(`/v1/payments?customer=${of}`)).toEqual([{ customer: of }]);
  expect(await kept('/v1/customers')).toEqual([null]);
});

test('promise P32: who opts out during a stream is not in its next chunk; all others come once', async () => {
  const walk = (await walked('payment')) as { id: string; customer: string }[];
  const stream = await opened({ rowsPerChunk: 100 });
  const before = await nextOf(stream);
  const { settings } = house.tools;
  const pairwise = pairwiseOf(settings.keys.pairwise, bright.partner.id);
  const gone = pairwise.idOf('customer', customerIdOf('c7'));
  await optOut(bright, 'c7');
  const after = await rest(stream);
  expect(after.isWhole).toBe(true);
  const left = walk.slice(100);
  expect(left.some((one) => one.customer === gone)).toBe(true);
  expect(recordsIn(after)).toEqual(left.filter((one) => one.customer !== gone));
  await expectLogged(bright, before);
  await expectLogged(bright, after);
});

test('a view that is published during a stream ends it: all of it is of the version its head names', async () => {
  const { stream, publish, who } = await givenStreaming('wide');
  const before = await nextOf(stream);
  expect(Object.keys(recordsIn(before)[0] ?? {})).toContain('contact');
  await publish();
  const after = await rest(stream);
  expect(after).toMatchObject({ chunks: [], unlogged: [], isWhole: false });
  expect(after.thrown).toMatchObject({ kind: { code: 'view-not-served' } });
  expect(await entriesOf(who)).toHaveLength(1);
});

test('while the old version is still served, a stream through it comes to its end', async () => {
  const { stream, publish } = await givenStreaming('moving');
  await nextOf(stream);
  await publish(new Date(clock.now().getTime() + 3_600_000));
  const after = await rest(stream);
  expect(after.isWhole).toBe(true);
  expect(recordsIn(after)).toHaveLength(2);
  for (const record of recordsIn(after)) expect(Object.keys(record)).toContain('contact');
});

/** A stream of three customers that waits behind the first, and a narrower view for it. */
async function givenStreaming(key: string) {
  const who = await givenPartner(house.tools, { key });
  for (const id of ['1', '2', '3']) await givenSharedCustomer(house.tools, who.partner, key + id);
  const secret = await givenToken(createGateway(house.tools), who);
  const stream = await opened({ secret, recordType: 'customer', rowsPerChunk: 1 });
  const draft = { type: 'object', properties: { customer: { properties: { account: true } } } };
  const publish = (sunset?: Date) =>
    publishView(house.tools, { partner: who.partner, draft, sunset });
  return { who, stream, publish };
}

test.each<[string, (who: GivenPartner, secret: string) => Promise<unknown>, string]>([
  [
    'the partner is suspended',
    ({ partner }) =>
      changePartnerStatus(house.tools, { partnerId: partner.id, status: 'suspended' }),
    'partner-suspended',
  ],
  [
    'the token expires',
    () => {
      clock.advance(house.tools.settings.tokenLifetimeSeconds * 1000);
      return Promise.resolve();
    },
    'token-invalid',
  ],
  [
    'the token is revoked elsewhere, within a second',
    async ({ partner }) => {
      await house
        .admin('tokens')
        .where('partner_id', partner.id)
        .update({ revoked_at: clock.now() });
      clock.advance(1000);
    },
    'token-invalid',
  ],
])('when %s during a stream, nothing more is shown', async (what, takeAway, code) => {
  const key = what.replaceAll(/[^a-z]+/g, '-');
  const who = await givenPartner(house.tools, { key });
  for (const id of ['1', '2', '3']) await givenSharedCustomer(house.tools, who.partner, key + id);
  const secret = await givenToken(createGateway(house.tools), who);
  const stream = await opened({ secret, recordType: 'customer', rowsPerChunk: 1 });
  const before = await nextOf(stream);
  await takeAway(who, secret);
  const after = await rest(stream);
  token = await givenToken(createGateway(house.tools), bright);
  expect(after).toMatchObject({ chunks: [], unlogged: [], isWhole: false });
  expect(after.thrown).toMatchObject({ kind: { code } });
  await expectLogged(who, before);
  expect(await entriesOf(who)).toHaveLength(1);
});

test.each([
  ['a card number', '"name":"4111 1111 1111 1111"'],
  ['an end of line', '"name":\n"Person"'],
  ['a member that the view does not show', '"nickname":"x"'],
])('a record with %s never leaves: the stream breaks off before it is logged', async (_, text) => {
  const who = await givenPartner(house.tools, { key: `held-${text.length}` });
  const ids = ['1', '2', '3'].map((id) => `held-${text.length}-${id}`);
  for (const id of ids) await givenSharedCustomer(house.tools, who.partner, id);
  const secret = await givenToken(createGateway(house.tools), who);
  const stream = await opened({ secret, recordType: 'customer', rowsPerChunk: 1 });
  await nextOf(stream);
  await house.admin.raw(
    `update joint_records set contact = jsonb_set(contact, '{contact.name}', to_jsonb(?::text))
     where recipient_id = ? and record_type = 'customer'`,
    [text, who.partner.id],
  );
  const after = await rest(stream);
  expect(after).toMatchObject({ chunks: [], unlogged: [], isWhole: false });
  expect(String(after.thrown)).toContain('A line was held back');
  expect(await entriesOf(who)).toHaveLength(1);
});

test('when the log fails during a stream, not one line more is shown', async () => {
  const stream = await opened({ rowsPerChunk: 500 });
  const before = await nextOf(stream);
  const mend = await breakLog();
  const after = await rest(stream).finally(mend);
  expect(after).toMatchObject({ chunks: [], unlogged: [], isWhole: false });
  expect(after.thrown).toMatchObject({ kind: { code: 'log-unavailable', status: 503 } });
  await expectLogged(bright, before);
});

test('when the log fails before the first chunk, the answer is a problem document', async () => {
  const mend = await breakLog();
  const answer = await get('/v1/payments').finally(mend);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({ code: 'log-unavailable' });
});

test('no entry is made for what nobody asks for any more', async () => {
  const size = (await entriesOf(bright)).length;
  const stream = await opened({ rowsPerChunk: 100 });
  await stream.next();
  await stream.return(undefined);
  expect((await entriesOf(bright)).length).toBe(size + 1);
});

test('pages are the usual answer; a stream is all, so that limit and cursor are refused', async () => {
  for (const accept of ['*/*', 'application/json', 'application/*']) {
    const answer = await get('/v1/customers?limit=1', { accept });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
  }
  for (const parameter of ['limit', 'cursor']) {
    const answer = await get(`/v1/customers?${parameter}=1`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'param-invalid', field: parameter });
  }
  expect((await get('/v1/customers', { accept: 'text/csv' })).status).toBe(406);
  expect((await get('/v1/customers', { method: 'HEAD' })).status).toBe(405);
  expect((await get('/v1/me')).status).toBe(406);
});
