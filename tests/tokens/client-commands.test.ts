import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { addClientCommands } from '../../src/commands/client-commands.ts';
import { addPartner, changePartnerStatus } from '../../src/partners/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { selfSigned } from '../support/certificates.ts';
import { openHouse, type House } from '../support/house.ts';
import { post, tokenApp } from './given.ts';
import { assertionOf, makeKeyPair, postSigned, setOf, type KeyPair } from './signing.ts';

let house: House;
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-clients-'));
const before = { ...process.env };

beforeAll(async () => {
  // The commands go by the clock of the machine.
  house = await openHouse({ clock: systemClock });
  await addPartner(house.tools, { key: 'brightside', kind: 'referral', name: 'Brightside' });
  // Settings refuse a SLUICE_ name they do not know, and the test run has some of its own.
  const known = Object.entries(before).filter(([name]) => !name.startsWith('SLUICE_'));
  process.env = Object.fromEntries(known);
  Object.assign(process.env, {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_LOG_LEVEL: 'silent',
  });
});
afterAll(async () => {
  process.env = before;
  rmSync(dataDir, { recursive: true });
  await house.close();
});

/** What `sluice client …` prints with --json. */
async function clients(...words: string[]): Promise<readonly Record<string, string>[]> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addClientCommands(program);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  const write = process.stdout.write.bind(process.stdout);
  let printed = '';
  process.stdout.write = (text) => {
    printed += String(text);
    return true;
  };
  try {
    await program.parseAsync(['client', ...words, '--json'], { from: 'user' });
  } finally {
    process.stdout.write = write;
  }
  return JSON.parse(printed) as readonly Record<string, string>[];
}

const isTaken = async (client: string, secret: string) => {
  const credentials = { clientId: client, secret };
  const form = { grant_type: 'client_credentials' };
  const { body } = await post(tokenApp(house.tools), '/oauth/token', credentials, form);
  return (body as { error?: string }).error !== 'invalid_client';
};

test('a client is given its keys, then the next ones, and bound tokens alone', async () => {
  const [first, next] = [await makeKeyPair('ES256', 'a'), await makeKeyPair('EdDSA', 'b')];
  const file = (pair: KeyPair) => {
    const path = join(dataDir, `${pair.kid}.json`);
    writeFileSync(path, setOf(pair));
    return path;
  };
  const [added] = await clients('add', '--partner', 'brightside', '--jwks', file(first), '--dpop');
  const { client: clientId = '' } = added ?? {};
  const told = { client: clientId, method: 'private_key_jwt', dpop: 'required' };
  expect(added).toEqual({
    ...told,
    partner: 'brightside',
    name: 'client',
    from: 'any',
    sandbox: false,
  });
  expect(await clients('list')).toMatchObject([told]);
  const isKnown = async (pair: KeyPair) => {
    const { tools } = house;
    const at = { issuer: tools.settings.origin, now: tools.clock.now() };
    const { body } = await postSigned(tokenApp(tools), await assertionOf({ clientId, pair }, at));
    return (body as { error: string }).error !== 'invalid_client';
  };
  expect([await isKnown(first), await isKnown(next)]).toEqual([true, false]);
  await clients('rotate', clientId, '--jwks', file(next), '--overlap-hours', '0');
  expect([await isKnown(first), await isKnown(next)]).toEqual([false, true]);
  await expect(clients('rotate', clientId)).rejects.toMatchObject({
    kind: { code: 'invalid-client' },
  });
  await clients('revoke', clientId);
});

test('promise P30: a client’s secret is printed when it is made and never again', async () => {
  const [added] = await clients('add', '--partner', 'brightside', '--name', 'nightly');
  const { client = '', secret = '' } = added ?? {};
  expect(secret).toMatch(/^sls_[\w-]{43}$/);
  expect(await isTaken(client, secret)).toBe(true);
  const listed = await clients('list');
  expect(listed).toContainEqual(
    expect.objectContaining({ client, partner: 'brightside', name: 'nightly' }),
  );
  expect(JSON.stringify(listed)).not.toContain('sls_');
  const [rotated] = await clients('rotate', client, '--overlap-hours', '0');
  expect(await isTaken(client, rotated?.['secret'] ?? '')).toBe(true);
  expect(await clients('revoke', client)).toEqual([{ client, status: 'revoked' }]);
  expect(await isTaken(client, rotated?.['secret'] ?? '')).toBe(false);
});

test('what does not exist is refused, what is misused says so', async () => {
  await expect(clients('add', '--partner', 'nobody')).rejects.toMatchObject({
    kind: { code: 'unknown-partner' },
  });
  const retired = { key: 'gone', kind: 'referral', name: 'Gone' } as const;
  const { id } = await addPartner(house.tools, retired);
  await changePartnerStatus(house.tools, { partnerId: id, status: 'retired' });
  await expect(clients('add', '--partner', 'gone')).rejects.toThrow(/is retired/);
  await expect(clients('revoke', 'cli_unknown')).rejects.toMatchObject({
    kind: { code: 'unknown-client' },
  });
  await expect(clients('rotate', 'cli_x', '--overlap-hours', '1.5')).rejects.toMatchObject({
    code: 'commander.invalidArgument',
  });
});

test('a client is given its certificate and its networks, then the next ones', async () => {
  const [first, next] = await Promise.all(['first', 'next'].map((name) => selfSigned(name)));
  const file = (name: string, text: string | undefined) => {
    const path = join(dataDir, name);
    writeFileSync(path, text ?? '');
    return path;
  };
  const certificate = ['--certificate', file('first.pem', first?.cert)];
  const networks = ['--networks', '203.0.113.0/24,2001:db8::/32'];
  const [added] = await clients('add', '--partner', 'brightside', ...certificate, ...networks);
  expect(added).toMatchObject({
    method: 'self_signed_tls_client_auth',
    from: '203.0.113.0/24,2001:db8::/32',
  });
  expect(added).not.toHaveProperty('secret');
  const { client = '' } = added ?? {};
  const rotated = await clients('rotate', client, '--certificate', file('next.pem', next?.cert));
  expect(rotated).toMatchObject([{ client, certificate: next?.thumbprint }]);
  expect(await clients('networks', client, '--set', '10.0.0.1')).toEqual([{ client, from: '10.0.0.1/32' }]); // prettier-ignore
  expect(await clients('networks', client, '--any')).toEqual([{ client, from: 'any' }]);
  expect(await clients('list')).toEqual(
    expect.arrayContaining([expect.objectContaining({ client, from: 'any' })]),
  );
  await expect(clients('networks', client)).rejects.toThrow(/--set/);
  await expect(clients('networks', client, '--any', '--set', '10.0.0.1')).rejects.toThrow(/--/);
  await expect(clients('networks', client, '--set', '10.0.0.1/8')).rejects.toThrow(/network/);
});
