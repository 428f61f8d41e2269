import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectInClear, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { systemClock } from '../../../src/platform/clock.ts';
import { listen, type RunningServer } from '../../../src/platform/http/lifecycle.ts';
import { openTls, type TlsFiles } from '../../../src/platform/http/tls.ts';
import { systemRandomness } from '../../../src/platform/randomness.ts';
import { selfSigned, type MadeCertificate } from '../../support/certificates.ts';
import { goodToken, page, smallApp } from './small-app.ts';

jest.setTimeout(60_000);
const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
let [first, second, mine]: MadeCertificate[] = [];
let running: RunningServer[] = [];
let logged = '';
const log = pino({ level: 'info' }, { write: (line: string) => (logged += line) });

beforeAll(async () => {
  [first, second, mine] = await Promise.all(['127.0.0.1', '127.0.0.1', 'client'].map((name) => selfSigned(name))); // prettier-ignore
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop(0)));
  logged = '';
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function put({ cert, key }: { cert?: string | undefined; key?: string | undefined }): void {
  if (cert !== undefined) writeFileSync(files.certFile, cert);
  if (key !== undefined) writeFileSync(files.keyFile, key);
}

async function serve({ needsCertificate = false, everyMs = 50 } = {}): Promise<number> {
  put(first ?? {});
  const tls: TlsFiles = await openTls(files, { clock: systemClock, log, everyMs });
  const at = { host: '127.0.0.1', port: 0, random: systemRandomness, tls, needsCertificate };
  const server = await listen(smallApp(), at);
  running = [...running, server];
  return server.port;
}

/** A connection whose handshake is over, or why it is not. */
async function shaken(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

const line = 'GET /v1/customers HTTP/1.1\r\nHost: 127.0.0.1\r\n';
const plainly = `${line}Authorization: Bearer ${goodToken}\r\nConnection: close\r\n\r\n`;

/** Everything that comes until the other side is through. */
async function heard(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (part) => (text += part.toString('latin1')));
  socket.on('error', () => undefined);
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

async function asked(port: number, options: ConnectionOptions = {}): Promise<string> {
  const socket = await shaken(port, options);
  socket.write(plainly);
  return heard(socket);
}

test.each([
  ['TLSv1.3', { minVersion: 'TLSv1.3' }],
  ['TLSv1.2', { maxVersion: 'TLSv1.2' }],
] as const)('%s is spoken, and the answer is the plain one', async (version, options) => {
  const port = await serve();
  const socket = await shaken(port, { ca: first?.cert, rejectUnauthorized: true, ...options });
  expect(socket.getProtocol()).toBe(version);
  socket.write(plainly);
  expect(await heard(socket)).toContain(page.toString());
});

test.each<[string, ConnectionOptions]>([
  ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1' }],
  ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }],
  ['CBC', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }],
  ['SHA-1', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-SHA' }],
  ['keys without forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }],
  ['finite-field keys', { maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES128-GCM-SHA256' }],
  ['a curve that is not ours', { ecdhCurve: 'P-521' }],
])('bad input E35: %s is refused at the handshake', async (_name, options) => {
  const port = await serve();
  // The client itself is willing: old protocols are otherwise switched off on both sides.
  const ciphers = `${options.ciphers ?? 'ALL'}:@SECLEVEL=0`;
  await expect(shaken(port, { ...options, ciphers })).rejects.toThrow(/alert|handshake|version|ECONNRESET/i); // prettier-ignore
  expect(await asked(port)).toContain('200 OK');
});

test('renegotiation is refused', async () => {
  const socket = await shaken(await serve(), { maxVersion: 'TLSv1.2' });
  const renegotiated = new Promise((resolve) => {
    socket.on('error', resolve);
    socket.on('close', resolve);
    if (socket.renegotiate({}, resolve) === undefined) resolve(new Error('not possible'));
  });
  expect(await renegotiated).toMatchObject({ message: expect.stringMatching(/renegotiation/i) });
});

test('bad input E37: plain HTTP on the TLS port is closed, with no redirect', async () => {
  const socket = connectInClear(await serve(), '127.0.0.1');
  socket.write(plainly);
  expect(await heard(socket)).not.toMatch(/HTTP|Location/i);
});

test('what Node’s parser refuses is a problem document over TLS, too', async () => {
  const socket = await shaken(await serve());
  socket.write('FOO / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  expect(await heard(socket)).toContain('urn:sluice:problem:bad-request');
});

const shown = async (port: number) => {
  const socket = await shaken(port);
  const pem = socket.getPeerX509Certificate()?.toString();
  socket.destroy();
  return pem?.trim();
};

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await isSo()) return;
    await wait(25);
  }
  throw new Error(`It never was: ${logged}`);
}

test('a new pair serves new connections without a restart; those that there are stay', async () => {
  const port = await serve();
  const old = await shaken(port);
  put(second ?? {});
  await until(async () => (await shown(port)) === second?.cert.trim());
  old.write(plainly);
  expect(await heard(old)).toContain(page.toString());
});

test('a bad new pair is logged, once, and the old one stays until a good one is there', async () => {
  const port = await serve();
  put({ cert: second?.cert });
  await until(() => logged.includes('is not that of the certificate'));
  await wait(200);
  expect(logged.match(/not replaced/g)).toHaveLength(1);
  expect(await shown(port)).toBe(first?.cert.trim());
  rmSync(files.keyFile);
  await until(() => logged.includes("SLUICE_TLS_KEY_FILE can't be read"));
  expect(await shown(port)).toBe(first?.cert.trim());
  put({ key: second?.key });
  await until(async () => (await shown(port)) === second?.cert.trim());
});

const day = 86_400_000;
test.each<[string, () => Promise<{ cert?: string; key?: string }>, RegExp]>([
  ['a certificate that is none', () => Promise.resolve({ cert: 'x' }), /holds no certificate/],
  ['a key that is none', () => Promise.resolve({ key: 'x' }), /holds no private key/],
  ['the key of another', () => Promise.resolve({ key: second?.key ?? '' }), /not that of the cert/],
  [
    'one that expired',
    () => selfSigned('x', { from: new Date(Date.now() - 2 * day), until: new Date(Date.now() - day) }), // prettier-ignore
    /The certificate expired at 20/,
  ],
  [
    'one that is not yet good',
    () => selfSigned('x', { from: new Date(Date.now() + day) }),
    /The certificate is good from 20/,
  ],
  ['a weak key', () => selfSigned('x', { rsaBits: 1024 }), /too weak/],
])('%s stops the start, in one sentence', async (_name, given, sentence) => {
  put(first ?? {});
  put(await given());
  const opening = openTls(files, { clock: systemClock, log });
  await expect(opening).rejects.toMatchObject({ kind: { code: 'tls-unusable' } });
  await expect(opening).rejects.toThrow(sentence);
});

test('a certificate that ends within 14 days is warned of, once a day', async () => {
  const dayMs = 86_400_000;
  const until = new Date(Math.floor(Date.now() / 1000) * 1000 + 15 * dayMs);
  put(await selfSigned('127.0.0.1', { until }));
  let now = Date.now();
  const tls = await openTls(files, {
    clock: { ...systemClock, now: () => new Date(now) },
    log,
    everyMs: 10,
  });
  const at = { host: '127.0.0.1', port: 0, random: systemRandomness, tls };
  running = [await listen(smallApp(), at)];
  const warned = () =>
    logged
      .split('\n')
      .filter((text) => text.includes('certificate for TLS ends'))
      .map((text) => (JSON.parse(text) as { endsAt: string }).endsAt);
  await wait(100);
  expect(warned()).toEqual([]);
  for (const days of [1, 2]) {
    now += dayMs;
    while (warned().length < days) await wait(10);
    await wait(100);
    expect(warned()).toEqual(Array.from({ length: days }, () => until.toISOString()));
  }
});

test('files that are not there stop the start', async () => {
  const nowhere = { certFile: join(folder, 'no'), keyFile: files.keyFile };
  await expect(openTls(nowhere, { clock: systemClock, log })).rejects.toThrow(
    "The file of SLUICE_TLS_CERT_FILE can't be read.",
  );
});

test('a handshake that is not gone on with is cut', async () => {
  const port = await serve();
  const [mute, half] = [connectInClear(port, '127.0.0.1'), connectInClear(port, '127.0.0.1')];
  half.write(Buffer.from('160301020001000', 'hex'));
  await Promise.all([heard(mute), heard(half)]);
  expect(await asked(port)).toContain('200 OK');
});

test('a server that stops waits neither for half a handshake nor for who asks nothing', async () => {
  const port = await serve();
  const [mute, idle] = [connectInClear(port, '127.0.0.1'), await shaken(port)];
  idle.write(plainly.replace('close', 'keep-alive'));
  await once(idle, 'data');
  const [server] = running.splice(0);
  const both = Promise.all([heard(mute), heard(idle)]);
  await server?.stop(30);
  await both;
});

test('bad input E36: the port that asks for certificates serves nobody without one', async () => {
  const port = await serve({ needsCertificate: true });
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion });
    socket.on('error', () => undefined);
    socket.write(plainly);
    expect(await heard(socket)).toBe('');
  }
  const shows = { cert: mine?.cert, key: mine?.key };
  expect(await asked(port, shows)).toContain('200 OK');
  expect(await asked(await serve(), shows)).toContain('200 OK');
});
