import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { Agent, fetch as fetchBy } from 'undici';
import { builtMain } from '../support/build.ts';
import { selfSigned } from '../support/certificates.ts';
import { endChildren, startNode } from '../support/child.ts';

jest.setTimeout(90_000);
const folder = mkdtempSync(join(tmpdir(), 'sluice-serve-'));
chmodSync(folder, 0o755);
afterAll(() => {
  endChildren();
  rmSync(folder, { recursive: true, force: true });
});
const environment = { SLUICE_DATA_DIR: join(folder, 'data'), PORT: '0' };
const sluice = (...words: string[]) => startNode([builtMain(), ...words], environment);

test('serve starts from nothing, refuses a second of itself, lets commands in, and stops in order', async () => {
  const server = sluice('serve');
  const [, port] = await server.says(/serves on .* port (\d+)/);
  expect((await fetch(`http://127.0.0.1:${String(port)}/healthz`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${String(port)}/readyz`)).status).toBe(200);

  const second = sluice('serve');
  expect(await second.ended()).toBe(1);
  expect(second.text()).toMatch(/^sluice: A server \(process \d+\) already runs on .*\n$/);

  const command = sluice('migrate', '--status', '--json');
  expect(await command.ended()).toBe(0);
  expect(command.text()).toContain('0001-ground');
  expect((await fetch(`http://127.0.0.1:${String(port)}/readyz`)).status).toBe(200);

  server.process.kill('SIGTERM');
  expect(await server.ended()).toBe(0);
  expect(existsSync(join(folder, 'data', 'database', 'cluster', 'postmaster.pid'))).toBe(false);
});

test('serve speaks TLS, on a second port to clients with a certificate alone, and refuses a bad pair', async () => {
  const { cert, key } = await selfSigned('127.0.0.1');
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  const files = { SLUICE_TLS_CERT_FILE: certFile, SLUICE_TLS_KEY_FILE: keyFile };
  const both = { ...environment, ...files, SLUICE_MTLS_PORT: '0' };
  const server = startNode([builtMain(), 'serve'], both);
  const [, port] = await server.says(/serves on .* port (\d+), as https:/);
  const [, mutual] = await server.says(/asks for certificates on port (\d+)/);
  const healthOf = async (at: string | undefined, shows: object) => {
    const dispatcher = new Agent({ connect: { ca: cert, ...shows } });
    return (await fetchBy(`https://127.0.0.1:${String(at)}/healthz`, { dispatcher })).status;
  };
  expect(await healthOf(port, {})).toBe(200);
  expect(await healthOf(mutual, { cert, key })).toBe(200);
  await expect(healthOf(mutual, {})).rejects.toThrow();
  server.process.kill('SIGTERM');
  expect(await server.ended()).toBe(0);

  writeFileSync(keyFile, (await selfSigned('127.0.0.1')).key);
  const wrong = startNode([builtMain(), 'serve'], { ...environment, ...files });
  expect(await wrong.ended()).toBe(1);
  expect(wrong.text()).toContain(
    'sluice: The key of SLUICE_TLS_KEY_FILE is not that of the certificate. (tls-unusable)\n',
  );
});

test('misuse ends with 2 and a sentence, help with 0', async () => {
  const unknown = sluice('nonsense');
  expect(await unknown.ended()).toBe(2);
  expect(unknown.text()).toContain('nonsense');
  const help = sluice('serve', '--help');
  expect(await help.ended()).toBe(0);
  expect(help.text()).toContain('Example:');
  const wrong = startNode([builtMain(), 'serve'], { PORT: 'x', SLUICE_SECRET: 'y' });
  expect(await wrong.ended()).toBe(2);
  expect(wrong.text()).toBe(
    'sluice: PORT must be integer.\nsluice: SLUICE_SECRET is not a setting.\n',
  );
});

test('with DATABASE_URL alone nothing is guessed', async () => {
  const url = 'postgres://sluice_migrator:x@127.0.0.1:1/sluice';
  const alone = startNode([builtMain(), 'serve'], { ...environment, DATABASE_MIGRATE_URL: url });
  expect(await alone.ended()).toBe(1);
  expect(alone.text()).toContain('database-url-missing');
  const both = { ...environment, DATABASE_URL: url, DATABASE_READER_URL: url };
  const gone = startNode([builtMain(), 'serve'], both);
  expect(await gone.ended()).toBe(1);
  expect(gone.text()).toBe('sluice: The database can’t be reached. (database-gone)\n');
  const migrate = startNode([builtMain(), 'migrate'], both);
  expect(await migrate.ended()).toBe(1);
  expect(migrate.text()).toContain('migrate-url-missing');
});
