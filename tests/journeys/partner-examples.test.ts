import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addClient } from '../../src/clients/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { listen, type RunningServer } from '../../src/platform/http/lifecycle.ts';
import { givenPartner, givenSharedCustomer, type GivenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

/** The programs that `examples/partner` offers partners to copy, run as they are. */

let house: House;
let server: RunningServer;
let origin: string;
let folder: string;
let bright: GivenPartner;
beforeAll(async () => {
  // The programs sign what they say of the time by their own clock.
  house = await openHouse({ clock: systemClock });
  const { tools } = house;
  let gateway = createGateway(tools);
  server = await listen((request, response) => gateway(request, response), {
    host: '127.0.0.1',
    port: 0,
    random: tools.random,
  });
  origin = `http://127.0.0.1:${String(server.port)}`;
  gateway = createGateway({ ...tools, settings: { ...tools.settings, origin } });
  bright = await givenPartner(tools);
  await givenSharedCustomer(tools, bright.partner, 'ada');
  folder = await mkdtemp(join(tmpdir(), 'sluice-examples-'));
});
afterAll(async () => {
  await server.stop(1);
  await house.close();
  await rm(folder, { recursive: true });
});

const node = (program: string, args: readonly string[], env: Record<string, string> = {}) =>
  promisify(execFile)(process.execPath, [`examples/partner/${program}`, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });

test('pull.js reads the joint customers with a secret, and names the disclosure', async () => {
  const { stdout, stderr } = await node('pull.js', [origin, bright.clientId, '/v1/customers'], {
    CLIENT_SECRET: bright.secret,
  });
  expect(JSON.parse(stdout)).toMatchObject({ data: [{ contact: { name: 'Person ada' } }] });
  expect(stderr).toMatch(/^Disclosure-Id: dis_/);
});

test('make-keys.js makes what the operator registers; pull.js signs with it, and binds by DPoP', async () => {
  await node('make-keys.js', [folder]);
  const key = join(folder, 'client-key.json');
  expect((await stat(key)).mode & 0o777).toBe(0o600);
  const jwks = await readFile(join(folder, 'keys.json'), 'utf8');
  for (const isDpopRequired of [false, true]) {
    const { client } = await addClient(house.tools, {
      partnerId: bright.partner.id,
      name: 'of the example',
      jwks,
      isDpopRequired,
    });
    const args = [origin, client.clientId, '/v1/me', '--key', key];
    const { stdout } = await node('pull.js', isDpopRequired ? [...args, '--dpop'] : args);
    expect(JSON.parse(stdout)).toMatchObject({ partner: expect.anything() });
  }
  // A second run keeps the keys that may be in use.
  await expect(node('make-keys.js', [folder])).rejects.toThrow('EEXIST');
});

test('pull.js ends with 1 and the problem document where the gateway refuses', async () => {
  const args = [origin, bright.clientId, '/v1/nothing'];
  const run = node('pull.js', args, { CLIENT_SECRET: bright.secret });
  await expect(run).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('"code"') });
});
