import { request } from 'node:http';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { addStaff } from '../../src/people/index.ts';
import { tracesIn, type Canaries } from '../support/canaries.ts';
import { customer, givenRecords, givenRelationship, invoice } from '../support/given.ts';
import { aKeyedClient, assertionOf, makeKeyPair, proofOf } from '../tokens/signing.ts';
import { openFaultHouse, type FaultHouse, type Gateway } from './gateway-process.ts';
import { buildTwin } from './twin.ts';

jest.setTimeout(180_000);

const issuer = 'http://127.0.0.1:8080';
const person = {
  name: 'Canary Hildegard Vogelsang',
  email: 'canary.vogelsang@customers.example',
  phone: '+49 30 5550 174299',
};

let house: FaultHouse;
beforeAll(async () => {
  house = await openFaultHouse({
    customers: 3,
    settings: { SLUICE_LOG_LEVEL: 'debug', SLUICE_ORIGIN: issuer },
  });
  await house.withTools(async (tools) => {
    const { name, email, phone } = person;
    const contact = { kind: 'person', name, phone, address: { city: 'Springfield' } };
    await givenRecords(tools, [
      customer('canary', { contact, email: { address: email } }),
      invoice('i-canary', 'canary'),
    ]);
    await givenRelationship(tools, house.bright.partner, 'canary');
  });
});
afterAll(() => house.close());

test('a trace is found in every form, at any place in a longer text', () => {
  const secret = `slt_${'aB3-_x9Q'.repeat(5)}zzz`;
  const wraps: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => text.slice(12),
    (text) => text.toUpperCase(),
    encodeURIComponent,
    (text) => Buffer.from(text).toString('hex'),
    ...['', 'x', 'xy'].flatMap((before) => [
      (text: string) => Buffer.from(`${before}${text}.`).toString('base64'),
      (text: string) => Buffer.from(`${before}${text}..`).toString('base64url'),
    ]),
  ];
  for (const wrap of wraps) {
    expect(tracesIn(`{"a":"${wrap(secret)}"}`, { secret })).toEqual([expect.stringMatching(/^secret/)]); // prettier-ignore
  }
  expect(tracesIn(`slt_${'x'.repeat(43)}`, { secret })).toEqual([]);
});

test('promise P30: no secret and no customer’s data in any log line or refusal, whatever is sent and whatever breaks', async () => {
  const gateway = await house.serve();
  const { canaries, leaks, answers, refusals } = await askEverything(gateway);
  const log = await endOf(gateway);
  expect(tracesIn(log, canaries)).toEqual([]);
  expect(tracesInFiles(canaries)).toEqual([]);
  expect(await tablesWithTraces(canaries)).toEqual(tablesOfPeople);
  expect(leaks).toEqual([]);
  // It was talkative, and it was refused much.
  const lines = log.split('\n').filter((line) => line.startsWith('{'));
  for (const said of [
    '"request"',
    '"client refused"',
    '"token issued"',
    '"proof refused"',
    '"fault"',
  ]) {
    expect(log).toContain(said);
  }
  expect(refusals).toBeGreaterThan(500);
  process.stderr.write(
    `${String(answers)} answers (${String(refusals)} refusals) and ${String(lines.length)} log lines without ` +
      `a trace of ${String(Object.keys(canaries).length)} canaries\n`,
  );
});

/** The one place of a person's data; secrets have none. */
const tablesOfPeople = new Map([['records', Object.keys(person).map((name) => `${name} (plain)`)]]);

/** All that the processes wrote, PostgreSQL's log too, but its database. */
function tracesInFiles(canaries: Canaries): unknown[] {
  const cluster = join(house.dataDir, 'database', 'cluster');
  const files = readdirSync(house.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.startsWith(`${cluster}/`));
  expect(files).toContain(join(house.dataDir, 'database', 'postgres.log'));
  // The password of the database's login stands in the file that is kept for it.
  const { 'database password': _kept, ...others } = canaries;
  return files.flatMap((path) => {
    const traces = tracesIn(readFileSync(path, 'latin1'), others);
    return traces.length === 0 ? [] : [[path, traces]];
  });
}

/** What a dump of the database would have, by table. */
async function tablesWithTraces(canaries: Canaries): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  await house.withSuperuser(async (db) => {
    const { rows } = await db.raw<{ rows: { name: string }[] }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace
         and relkind in ('r', 'p') and not relispartition order by relname`,
    );
    for (const { name } of rows) {
      const dump = await db.raw<{ rows: { row: string }[] }>('select t::text as row from ?? t', [name]); // prettier-ignore
      const traces = tracesIn(dump.rows.map(({ row }) => row).join('\n'), canaries);
      if (traces.length > 0) found.set(name, traces);
    }
  });
  return found;
}

test('a twin that logs its tokens is caught', async () => {
  const twin = buildTwin('logs-its-tokens.patch');
  try {
    const gateway = await house.serve(twin.main);
    const { canaries } = await askEverything(gateway, { isWrongToo: false });
    expect(tracesIn(await endOf(gateway), canaries)).toEqual(['token (base64)']);
  } finally {
    twin.remove();
  }
});

async function endOf({ child }: Gateway): Promise<string> {
  child.process.kill('SIGTERM');
  expect(await child.ended()).toBe(0);
  return child.text();
}

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends every canary to every place, right and wrong, with PostgreSQL failing in between. */
async function askEverything(gateway: Gateway, { isWrongToo = true } = {}) {
  const canaries = await canariesOf(gateway);
  const leaks: unknown[] = [];
  let [answers, refusals] = [0, 0];
  const ask = async (asked: Asked) => {
    const { status, head, body } = await answerTo(gateway, asked);
    answers += 1;
    const isRefusal = status >= 400;
    if (isRefusal) refusals += 1;
    const traces = tracesIn(isRefusal ? head + body : head, canaries);
    if (traces.length > 0) leaks.push([asked, status, traces]);
  };
  const wrong = isWrongToo ? wrongUses(canaries) : [];
  for (const asked of [...rightUses(canaries), ...wrong]) await ask(asked);
  await house.withSuperuser((db) => db.raw(failing(person)));
  for (const asked of rightUses(canaries)) await ask(asked);
  await house.withSuperuser((db) => db.raw('drop function fail_with_data() cascade'));
  const postmaster = readFileSync(join(house.dataDir, 'database', 'cluster', 'postmaster.pid'), 'utf8'); // prettier-ignore
  process.kill(Number(postmaster.split('\n')[0]), 'SIGQUIT');
  for (const asked of rightUses(canaries)) await ask(asked);
  await untilReady(gateway);
  for (const asked of rightUses(canaries)) await ask(asked);
  return { canaries, leaks, answers, refusals };
}

/** Statements that fail as PostgreSQL's own do: with the values in the message. */
const failing = ({ email, name }: typeof person) => `
  create function fail_with_data() returns trigger language plpgsql as $$
  begin
    raise exception using errcode = '22P02',
      message = 'invalid input syntax for type bigint: "${email}"', detail = '${name}';
  end $$;
  create trigger failing before insert on disclosure_entries
    for each statement execute function fail_with_data();
  create trigger failing before insert on used_jtis
    for each statement execute function fail_with_data();`;

async function canariesOf(gateway: Gateway): Promise<Canaries> {
  const { partner, secret } = house.bright;
  const made = await house.withTools(async (tools) => {
    const pair = await makeKeyPair('ES256');
    const client = await aKeyedClient(tools, partner.id, pair);
    const name = `Person ${String(Math.random())}`;
    const { key } = await addStaff(tools, { name, roles: ['privacy'] });
    return { client, key, pair };
  });
  const now = new Date();
  const proving = { method: 'POST', url: `${issuer}/oauth/token`, now };
  const [, , signature = ''] = (await assertionOf(made.client, { issuer, now })).split('.');
  const assertion = await assertionOf(made.client, { issuer, now });
  const proof = await proofOf(made.pair, proving);
  const database = await house.withTools(({ db }) =>
    Promise.resolve((db.client.config.connection as { password?: string }).password),
  );
  return {
    token: gateway.token,
    secret,
    assertion: signatureOf(assertion),
    'whole assertion': assertion,
    proof: signatureOf(proof),
    'whole proof': proof,
    'staff key': made.key,
    'unknown token': `slt_${signature.slice(0, 43)}`,
    ...person,
    ...(database !== undefined && { 'database password': database }),
  };
}

const signatureOf = (jws: string) => jws.slice(jws.lastIndexOf('.') + 1);

const formType = { 'Content-Type': 'application/x-www-form-urlencoded' };
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const granting = 'grant_type=client_credentials';
const bearerOf = (token: string) => ({ Authorization: `Bearer ${token}` });

function rightUses(canaries: Canaries): Asked[] {
  const { token = '', secret = '', 'staff key': staffKey = '' } = canaries;
  const { 'whole assertion': assertion = '', 'whole proof': proof = '' } = canaries;
  const basic = { Authorization: `Basic ${btoa(`${house.bright.clientId}:${secret}`)}` };
  const post = { method: 'POST', headers: { ...formType, ...basic } };
  const signed = `client_assertion_type=${encodeURIComponent(jwtBearer)}&client_assertion=${assertion}`;
  return [
    ...['/v1/customers', '/v1/invoices', '/v1/me', '/v1/disclosures'].map((path) => ({
      path,
      headers: bearerOf(token),
    })),
    { path: '/v1/customers', headers: { ...bearerOf(token), Accept: 'application/x-ndjson' } },
    { path: '/operator/partners', headers: bearerOf(staffKey) },
    { ...post, path: '/oauth/token', body: granting },
    { ...post, path: '/oauth/introspect', body: `token=${token}` },
    { ...post, path: '/oauth/revoke', body: `token=${canaries['unknown token'] ?? ''}` },
    { method: 'POST', path: '/oauth/token', headers: formType, body: `${granting}&${signed}` },
    { ...post, path: '/oauth/token', headers: { ...post.headers, DPoP: proof }, body: granting },
    { path: '/v1/customers', headers: { Authorization: `DPoP ${token}`, DPoP: proof } },
  ];
}

/** Each value in each place where it does not belong. */
function wrongUses(canaries: Canaries): Asked[] {
  const { token = '' } = canaries;
  const paths = ['/v1/customers', '/v1/me', '/operator/partners', '/healthz', '/log/head/checkpoint', '/nowhere']; // prettier-ignore
  const posts = ['/oauth/token', '/oauth/introspect', '/oauth/revoke', '/operator/proposals'];
  return Object.values(canaries).flatMap((value) => {
    const text = encodeURIComponent(value).slice(0, 400);
    const header = value.replaceAll(/[^\x20-\x7e]/g, '');
    return [
      ...paths.flatMap((path) => [
        { path: `${path}?limit=${text}` },
        { path: `${path}?${text}=1`, headers: bearerOf(token) },
        { path: `${path}?access_token=${text}` },
        { path: `${path}/${text}`, headers: bearerOf(token) },
        { path, headers: bearerOf(header) },
        { path, headers: { Authorization: header } },
        { path, headers: { Authorization: `Basic ${btoa(`${header}:${header}`)}` } },
        { path, headers: { Authorization: `DPoP ${header}`, DPoP: header } },
        { path, headers: { ...bearerOf(token), Accept: header, 'X-Other': header, Cookie: `a=${text}` } }, // prettier-ignore
        { path, headers: { ...bearerOf(token), 'If-None-Match': header, 'User-Agent': header } },
        { method: 'POST', path, body: value },
        {
          method:
            header
              .slice(0, 20)
              .replaceAll(/[^A-Za-z]/g, '')
              .toUpperCase() || 'PUT',
          path,
        },
      ]),
      ...posts.flatMap((path) => [
        { method: 'POST', path, headers: formType, body: text },
        { method: 'POST', path, headers: formType, body: `grant_type=${text}&scope=${text}&token=${text}&client_id=${text}&client_secret=${text}` }, // prettier-ignore
        { method: 'POST', path, headers: formType, body: `client_assertion_type=${text}&client_assertion=${text}` }, // prettier-ignore
        { method: 'POST', path, headers: formType, body: `client_assertion_type=${encodeURIComponent(jwtBearer)}&client_assertion=${text}` }, // prettier-ignore
        { method: 'POST', path, headers: { 'Content-Type': header }, body: text },
        { method: 'POST', path, headers: { 'Content-Type': 'application/json' }, body: `{"${header}":` }, // prettier-ignore
        { method: 'POST', path, headers: { ...formType, Authorization: `Basic ${btoa(`${header}:${header}`)}` }, body: granting }, // prettier-ignore
      ]),
    ];
  });
}

/** One request. A connection that breaks is an answer too: of status 400, with nothing in it. */
function answerTo({ port }: Gateway, { method = 'GET', path, headers = {}, body }: Asked) {
  return new Promise<{ status: number; head: string; body: string }>((resolve) => {
    const broken = { status: 400, head: '', body: '' };
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('error', () => {
        resolve(broken);
      });
      response.once('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          head: response.rawHeaders.join('\n'),
          body: text,
        });
      });
    });
    sent.once('error', () => {
      resolve(broken);
    });
    sent.end(body);
  });
}

async function untilReady({ origin }: Gateway): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const { status } = await fetch(`${origin}/readyz`);
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The gateway does not come back.');
}
