import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pairwiseOf } from '../../src/joint/index.ts';
import { uuidOf } from '../../src/platform/uuid.ts';

const master = Buffer.alloc(32, 7);

test('a pairwise id leads back to its uuid for its own partner and type, and for nobody else', () => {
  const one = pairwiseOf(master, 'one');
  const other = pairwiseOf(master, 'other');
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      const id = one.idOf('invoice', uuid);
      expect(id).toMatch(/^inv_[A-Za-z0-9_-]{22}$/);
      expect(one.uuidOf('invoice', id)).toBe(uuid);
      expect(one.uuidOf('payment', id)).toBeUndefined();
      expect(other.uuidOf('invoice', id)).not.toBe(uuid);
    }),
  );
});

test('no id is equal for two partners, and none tells the order of records', () => {
  const ids = new Set<string>();
  for (const partner of ['a', 'b', 'c', 'd']) {
    const pairwise = pairwiseOf(master, partner);
    for (let i = 0; i < 2500; i += 1) {
      ids.add(pairwise.idOf('customer', uuidOf('record', 'customer', String(i))));
    }
  }
  expect(ids.size).toBe(10_000);
  const { positionOf } = pairwiseOf(master, 'a');
  const positions = Array.from({ length: 200 }, (_, i) =>
    positionOf(uuidOf('c', String(i)), uuidOf('r', String(i))),
  );
  expect([...positions].sort()).not.toEqual(positions);
});

test('a text that is no id is no id: other alphabets, lengths and loose last bits', () => {
  const { idOf, uuidOf: back } = pairwiseOf(master, 'one');
  const id = idOf('customer', uuidOf('record', 'customer', 'x'));
  for (const bad of [
    '',
    'cus_',
    id.slice(0, -1),
    `${id}A`,
    id.replace('cus_', 'CUS_'),
    `${id.slice(0, -1)}B`,
    'cus_!!!!!!!!!!!!!!!!!!!!!!',
  ]) {
    expect(back('customer', bad)).toBeUndefined();
  }
});
