import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { addClient } from '../../src/clients/index.ts';
import { changePartnerStatus } from '../../src/partners/index.ts';
import { revokeClient } from '../../src/tokens/index.ts';
import { aKeyedClient, assertionOf, makeKeyPair } from '../tokens/signing.ts';
import { openFaultHouse, type FaultHouse, type Gateway } from './gateway-process.ts';
import { pagesIn, readLog, unlogged } from './logged-pages.ts';
import { startPulling, streams, walks, type Pulled } from './pulls.ts';

const issuer = 'http://127.0.0.1:8080';
/** On each gateway, each with a token of its own; half of them stream. */
const clients = 8;
jest.setTimeout(120_000);

let house: FaultHouse;
let gateways: readonly Gateway[];
beforeAll(async () => {
  house = await openFaultHouse({ settings: { SLUICE_ORIGIN: issuer } });
  gateways = [await house.serve(), await house.serveBeside()];
  // Entries take a while, so that streams last: what is taken away finds them under way.
  await house.withSuperuser((db) =>
    db.raw(`
      create function take_a_while() returns trigger language plpgsql as $$
      begin perform pg_sleep(0.05 + random() * 0.1); return null; end $$;
      create trigger slow before insert on disclosure_entries
        for each statement execute function take_a_while();`),
  );
});
afterAll(() => house.close());

interface Credentials {
  readonly clientId: string;
  readonly secret: string;
}

const post = ({ origin }: Gateway, path: string, form: Record<string, string>, by?: Credentials) =>
  fetch(origin + path, {
    method: 'POST',
    body: new URLSearchParams(form),
    ...(by && { headers: { Authorization: `Basic ${btoa(`${by.clientId}:${by.secret}`)}` } }),
  });

test('one assertion sent 50 times at once to two gateways: one token', async () => {
  const { partner } = house.bright;
  for (const alg of ['ES256', 'PS256', 'EdDSA'] as const) {
    const pair = await makeKeyPair(alg);
    const client = await house.withTools((tools) => aKeyedClient(tools, partner.id, pair));
    const form = {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertionOf(client, { issuer, now: new Date() }),
    };
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const answer = await post(gateways[i % 2]!, '/oauth/token', form);
        return `${String(answer.status)} ${String(((await answer.json()) as { error?: string }).error)}`;
      }),
    );
    const expected = ['200 undefined', ...Array.from({ length: 49 }, () => '401 invalid_client')];
    expect(answers.sort()).toEqual(expected);
    const tokens = await house.withTools(({ db }) =>
      db('tokens').where('client_id', client.clientId).pluck('client_id'),
    );
    expect(tokens).toHaveLength(1);
  }
});

type Cut = (by: Credentials, tokens: readonly string[]) => Promise<unknown>;
const become = (status: 'suspended' | 'retired') => () =>
  house.withTools((tools) =>
    changePartnerStatus(tools, { partnerId: house.bright.partner.id, status }),
  );

test.each<[string, number, Cut]>([
  [
    'a token is revoked',
    401,
    (by, tokens) =>
      Promise.all(tokens.map((token) => post(gateways[0]!, '/oauth/revoke', { token }, by))),
  ],
  ['a client is revoked', 401, (by) => house.withTools((tools) => revokeClient(tools, by))],
  ['a partner is suspended', 403, become('suspended')],
  ['a partner is retired', 401, become('retired')],
])(
  'when %s, nothing is answered by either of two gateways a second later, and open streams end with an error line',
  async (_what, status, cut) => {
    // Streams that are under way between two chunks are few: it is tried until one was found so.
    let [shown, late, cutOff] = [0, 0, 0];
    for (let tries = 0; cutOff === 0 && tries < 6; tries += 1) {
      const counted = await cutUnderLoad(status, cut);
      [shown, late, cutOff] = [shown + counted.shown, late + counted.late, counted.cutOff];
    }
    expect(cutOff).toBeGreaterThan(0);
    process.stderr.write(
      `${String(shown)} pages and chunks, each with its entry and none more; ` +
        `${String(cutOff)} streams ended by an error line; ` +
        `${String(late)} requests a second later, all ${String(status)}\n`,
    );
  },
);

/** Lets clients of both gateways ask, takes their right away, and looks at what they saw. */
async function cutUnderLoad(status: number, cut: Cut) {
  const before = await readLog(house);
  const by = await anActiveClient();
  const pullers = [];
  const tokens: string[] = [];
  for (const gateway of gateways) {
    for (let i = 0; i < clients; i += 1) {
      const token = await tokenOf(gateway, by);
      tokens.push(token);
      const asks = () => (i % 4 === 0 ? walks(20)(i / 4) : streams(i));
      pullers.push(startPulling({ port: gateway.port, token }, { clients: 1, asks }));
    }
  }
  await Promise.all(pullers.map((one) => one.hasSeen(4)));
  await cut(by, tokens);
  const cutAt = performance.now();
  await wait(1000);
  await Promise.all(pullers.map((one) => one.hasSeen(10)));
  const seen = await Promise.all(pullers.map((one) => one.stop()));
  let late = 0;
  for (const own of seen) {
    const statuses = own.filter(({ sentAt }) => sentAt > cutAt + 1000).map((one) => one.status);
    late += statuses.length;
    expect(statuses.length).toBeGreaterThan(5);
    expect(new Set(statuses)).toEqual(new Set([status]));
  }
  const pulled = seen.flat();
  // No stream broke but by its own last line.
  expect(pulled.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(await unlogged(house, pulled)).toEqual([]);
  const log = await readLog(house);
  const shown = new Set(pagesIn(pulled).map(({ disclosureId }) => disclosureId)).size;
  expect(shown).toBe(log.size - before.size);
  const cutOff = pulled.filter((one) => isStream(one) && one.status !== 200);
  for (const one of cutOff) expect([401, 403]).toContain(one.status);
  return { shown, late, cutOff: cutOff.length };
}

/** Whether it was part of a stream that had begun. */
const isStream = ({ headers }: Pulled) => headers['content-type'] === 'application/x-ndjson';

async function anActiveClient(): Promise<Credentials> {
  const { id: partnerId } = house.bright.partner;
  // Nobody but the owner of the database brings a retired partner back.
  await house.withSuperuser((db) =>
    db('partners').where({ id: partnerId }).update({ status: 'active' }),
  );
  const { client, secret } = await house.withTools((tools) =>
    addClient(tools, { partnerId, name: 'cut off' }),
  );
  return { clientId: client.clientId, secret };
}

async function tokenOf(gateway: Gateway, by: Credentials): Promise<string> {
  const answer = await post(gateway, '/oauth/token', { grant_type: 'client_credentials' }, by);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { access_token: string }).access_token;
}
