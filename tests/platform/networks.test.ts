import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressOf, isListed, isLoopback, networkList, readNetworks } from '../../src/platform/networks.ts'; // prettier-ignore

const bytes = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 255 }), { minLength: length, maxLength: length });
const v4 = (parts: readonly number[]) => parts.join('.');
const v6 = (parts: readonly number[]) =>
  Array.from({ length: 8 }, (_, at) =>
    (((parts[2 * at] ?? 0) << 8) | (parts[2 * at + 1] ?? 0)).toString(16),
  ).join(':');
const bitsOf = (parts: readonly number[]) =>
  parts.map((part) => part.toString(2).padStart(8, '0')).join('');
const fromBits = (bits: string) =>
  Array.from({ length: bits.length / 8 }, (_, at) => parseInt(bits.slice(8 * at, 8 * at + 8), 2));

test.each([
  ['IPv4', 4, v4],
  ['IPv6', 16, v6],
] as const)(
  'an %s address is in a network exactly if it begins with its bits',
  (_name, size, write) => {
    const drawn = fc.record({
      base: bytes(size),
      other: bytes(size),
      length: fc.integer({ min: 1, max: size * 8 }),
      keeps: fc.boolean(),
    });
    fc.assert(
      fc.property(drawn, ({ base, other, length, keeps }) => {
        const prefix = bitsOf(base).slice(0, length);
        const network = `${write(fromBits(prefix.padEnd(size * 8, '0')))}/${String(length)}`;
        const address = keeps ? fromBits(prefix + bitsOf(other).slice(length)) : other;
        // What lies in IPv6 for IPv4 is another family here.
        const known = addressOf(write(address));
        fc.pre(known?.includes(':') === (size === 16));
        fc.pre(addressOf(network.split('/')[0] ?? '')?.includes(':') === (size === 16));
        const read = readNetworks(network);
        if (!('networks' in read)) throw new Error(network);
        expect(isListed(networkList(read.networks), known)).toBe(
          bitsOf(address).startsWith(prefix),
        );
      }),
    );
  },
);

test('a network with a bit set behind its prefix is refused, not guessed at', () => {
  fc.assert(
    fc.property(bytes(4), fc.integer({ min: 1, max: 31 }), (parts, length) => {
      const hidden = bitsOf(parts).slice(length).includes('1');
      expect('wrong' in readNetworks(`${v4(parts)}/${String(length)}`)).toBe(hidden);
    }),
  );
});

test.each([
  '',
  ',',
  '10.0.0.0/0',
  '10.0.0.0/33',
  '::/0',
  '2001:db8::/129',
  '10.0.0/8',
  'a.b',
  '10.0.0.1/',
  'fe80::1%eth0',
  '::ffff:10.0.0.1',
  '010.0.0.1',
  '10.0.0.1;10.0.0.2',
  Array.from({ length: 33 }, (_, n) => `10.0.0.${String(n)}`).join(),
])(
  // prettier-ignore
  'what is no list of networks is refused: %s',
  (text) => {
    expect(readNetworks(text)).toEqual({ wrong: expect.any(String) });
  },
);

test('networks are kept in one form, each once', () => {
  expect(readNetworks(' 203.0.113.0/24 ,2001:0DB8:0::/32,10.0.0.1, 10.0.0.1/32')).toEqual({
    networks: ['203.0.113.0/24', '2001:db8::/32', '10.0.0.1/32'],
  });
});

test('IPv4 inside IPv6 is the IPv4 address', () => {
  expect(addressOf('::ffff:127.0.0.1')).toBe('127.0.0.1');
  expect(addressOf('::ffff:7f00:1')).toBe('127.0.0.1');
  expect(addressOf('0:0::0:1')).toBe('::1');
  expect(addressOf('localhost')).toBeUndefined();
  expect(['127.9.9.9', '::1', '128.0.0.1', '::2', ''].map(isLoopback)).toEqual([true, true, false, false, false]); // prettier-ignore
});
