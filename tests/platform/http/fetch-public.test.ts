import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  fetchPublic,
  FetchRefused,
  isPublicAddress,
} from '../../../src/platform/http/fetch-public.ts';
import { selfSigned } from '../../support/certificates.ts';

let server: Server;
let port: number;
let ca: string;
/** Connections that were made, by whatever way. */
let connections = 0;

beforeAll(async () => {
  const { cert, key } = await selfSigned('keys.example');
  ca = cert;
  server = createServer({ cert, key }, ({ url }, response) => {
    if (url === '/ok') response.end('{"keys":[]}');
    else if (url === '/large') response.end('x'.repeat(2000));
    else if (url === '/redirect') response.writeHead(302, { Location: '/ok' }).end();
    else if (url === '/broken') response.writeHead(200, { 'Content-Length': '10' }).end('x');
    else if (url === '/slow') response.write('x');
    else response.writeHead(404).end();
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A name that leads to the server here. */
const to = (...addresses: string[]) => ({
  most: 1000,
  seconds: 2,
  ca,
  lookup: (
    _host: string,
    done: (error: null, found: { address: string; family: number }[]) => void,
  ) => {
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  },
});
const here = () => ({ ...to('127.0.0.1'), isAllowed: () => true });
const url = (path: string, host = 'keys.example') => `https://${host}:${String(port)}${path}`;

test('what is at a public address is fetched, over TLS that names it', async () => {
  expect((await fetchPublic(url('/ok'), here())).toString()).toBe('{"keys":[]}');
  await expect(fetchPublic(url('/ok', 'other.example'), here())).rejects.toThrow(
    /can't be reached/,
  );
  const { ca: _, ...untrusting } = here();
  await expect(fetchPublic(url('/ok'), untrusting)).rejects.toThrow(FetchRefused);
});

test.each([
  ['/redirect', /answered 302/],
  ['/nothing', /answered 404/],
  ['/large', /more than 1000 bytes/],
  ['/broken', /broke off/],
  ['/slow', /longer than 2 s/],
])('%s is refused', async (path, because) => {
  await expect(fetchPublic(url(path), here())).rejects.toThrow(because);
});

test('a name or an address that leads inside is never connected to', async () => {
  const before = connections;
  const inside = ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00::1', '0.0.0.0']; // prettier-ignore
  for (const address of inside) {
    await expect(fetchPublic(url('/ok'), to(address))).rejects.toThrow(/not at a public address/);
    // One that leads both ways leads inside.
    await expect(fetchPublic(url('/ok'), to('8.8.8.8', address))).rejects.toThrow(
      /not at a public/,
    );
    const literal = address.includes(':') ? `[${address}]` : address;
    await expect(fetchPublic(url('/ok', literal), to('8.8.8.8'))).rejects.toThrow(
      /not at a public/,
    );
  }
  // As browsers read an address: 127.1 and 0x7f000001 are loopback too.
  for (const literal of ['127.1', '0x7f000001', '2130706433', 'localhost'])
    await expect(fetchPublic(url('/ok', literal), { most: 10, seconds: 2 })).rejects.toThrow(/public/); // prettier-ignore
  for (const wrong of [
    `http://keys.example:${String(port)}/ok`,
    'file:///etc/passwd',
    'nonsense',
    'https://a:b@keys.example/',
    'https://keys.example/#x',
  ])
    // prettier-ignore
    await expect(fetchPublic(wrong, here())).rejects.toThrow(/must/);
  expect(connections).toBe(before);
});

test('no address of the ranges that are kept for other uses is public', () => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(255), fc.nat(255), (a, b, c) => {
      for (const range of ['10', '127', '0', '255']) {
        expect(isPublicAddress(`${range}.${String(a)}.${String(b)}.${String(c)}`)).toBe(
          range === '255' && a + b + c !== 765 ? isPublicAddress('240.0.0.1') : false,
        );
      }
      expect(isPublicAddress(`192.168.${String(a)}.${String(b)}`)).toBe(false);
      expect(isPublicAddress(`172.${String(16 + (a % 16))}.${String(b)}.1`)).toBe(false);
    }),
  );
  expect(isPublicAddress('8.8.8.8')).toBe(true);
  expect(isPublicAddress('2001:4860:4860::8888')).toBe(true);
});
