import { expect } from '@jest/globals';
import { parseRate, percentFee } from '../../src/fees/index.ts';
import { readReference, referenceTest } from '../support/reference.ts';

/** The files hold no quoted commas: a plain split reads them. */
function rowsOf(path: string): Record<string, string>[] {
  const [head = '', ...lines] = readReference(path).trimEnd().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((v, i) => [names[i], v])));
}

const cents = (text = ''): bigint => {
  if (!/^\d+\.\d\d$/.test(text)) throw new Error(`not an amount in cents: "${text}"`);
  return BigInt(text.replace('.', ''));
};

for (const [set, scenarios] of [
  ['chinook', 6],
  ['northwind', 6],
] as const) {
  const path = `data/${set}/expected-fees.csv`;
  referenceTest(path, `every percent fee of ${set} equals the published one, to the cent`, () => {
    const payments = rowsOf(`data/${set}/ledger.csv`).filter((row) => row['partner'] !== '');
    const rates = new Map(
      rowsOf(`data/${set}/scenarios.csv`)
        .filter((row) => row['id']?.endsWith('_ever'))
        .map((row) => [row['id'], parseRate(row['rate_percent'] ?? '')]),
    );
    let compared = 0;
    const seen = new Set<string>();
    for (const row of rowsOf(path)) {
      const rate = rates.get(row['scenario']);
      if (!rate || row['level'] !== 'per_entry') continue;
      const mine = payments.filter(
        (p) =>
          (row['partner'] === 'ALL' || p['partner'] === row['partner']) &&
          (row['month'] === 'ALL' || p['entry_at']?.startsWith(row['month'] ?? '')),
      );
      const sum = (rounding: 'half-even' | 'half-up') =>
        mine.reduce((total, p) => total + percentFee(cents(p['amount']), rate, rounding), 0n);
      expect([row, sum('half-even'), sum('half-up')]).toEqual([
        row,
        cents(row['fee_half_even']),
        cents(row['fee_half_up']),
      ]);
      seen.add(row['scenario'] ?? '');
      compared += 1;
    }
    expect(seen.size).toBe(scenarios);
    expect(compared).toBeGreaterThan(900);
  });
}
