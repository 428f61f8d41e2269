import { expect } from '@jest/globals';
import { currencyCodes, currencyDecimals } from '../../src/platform/currencies.ts';
import { readReference, referenceTest } from '../support/reference.ts';

const list = 'vectors/iso4217/data/codes-all.csv';

referenceTest(list, 'the currencies are those of the published list, with its minor units', () => {
  const published = new Map<string, number>();
  const withoutUnits = new Set<string>();
  for (const line of readReference(list).trimEnd().split(/\r?\n/).slice(1)) {
    // Names hold commas: the last four fields are what counts.
    const [code = '', , minorUnit = '', withdrawn = ''] = line.split(',').slice(-4);
    if (code === '' || withdrawn !== '') continue;
    if (/^[0-9]$/.test(minorUnit)) published.set(code, Number(minorUnit));
    else withoutUnits.add(code);
  }
  expect(published.size).toBeGreaterThan(160);
  const ours = new Map(currencyCodes.map((code) => [code, currencyDecimals(code)]));
  expect([...ours].sort()).toEqual([...published].sort());
  for (const code of withoutUnits)
    expect([code, currencyDecimals(code)]).toEqual([code, undefined]);
});
