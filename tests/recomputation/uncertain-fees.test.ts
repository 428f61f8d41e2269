import { expect, test } from '@jest/globals';
import { recomputeFees } from '../../src/recomputation/index.ts';
import { line, paid, received, statement } from './given-received.ts';

test('a payment of nothing before the first does not begin the duration', () => {
  const payments = [
    paid('zero', 0, { settledAt: '2026-01-10T10:00:00Z' }),
    paid('one', 1000, { settledAt: '2026-03-05T10:00:00Z' }),
  ];
  const statements = [statement([line('l', 100, { payment: 'one' })])];
  const verdict = recomputeFees(received({ payments, statements }, { durationMonths: 1 }));
  expect(verdict).toMatchObject({ agrees: true, recomputed: 1, differences: [] });
});
