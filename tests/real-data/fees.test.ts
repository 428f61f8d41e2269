import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { exactFee, roundExact } from '../../src/earnings/fee-rules.ts';
import { accrueFees, previewFees } from '../../src/fees/index.ts';
import { relateCustomer } from '../../src/intake/index.ts';
import { loadRecords } from '../../src/loading/index.ts';
import { readMapping } from '../../src/mapping/index.ts';
import {
  checkAgreement,
  findAgreementVersions,
  type FeeTerms,
} from '../../src/agreements/index.ts';
import type { Partner } from '../../src/partners/index.ts';
import { customerIdOf, type ServiceId } from '../../src/records/index.ts';
import { givenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { readReference, referenceTest, referenceUrl } from '../support/reference.ts';

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

const examples = new URL('../../examples/', import.meta.url);
const recordTypesDir = fileURLToPath(new URL('northwind/records', examples));
const roundings = ['half-even', 'half-up'] as const;
const levels = {
  per_entry: 'payment',
  per_customer_month: 'customer-month',
  per_partner_month: 'partner-month',
} as const;
type Level = keyof typeof levels;

jest.setTimeout(120_000);

let house: House;
beforeAll(async () => {
  house = await openHouse({ settings: { recordTypesDir } });
});
afterAll(() => house.close());

/** Loads a set and attributes each customer, a day before its first entry, to the ledger's partner. */
async function givenSet(set: string): Promise<Map<string, Partner>> {
  const mapping = await readMapping(fileURLToPath(new URL(`${set}/mapping.json`, examples)));
  const folder = fileURLToPath(referenceUrl(`data/${set}`));
  const { rejections } = await loadRecords(house.tools, { folder, mapping });
  expect(rejections).toEqual([]);
  const first = new Map<string, { partner: string; at: string }>();
  for (const { customer_id: id = '', partner = '', entry_at: at = '' } of rowsOf(
    `data/${set}/ledger.csv`,
  )) {
    const known = first.get(id);
    if (partner !== '' && (!known || at < known.at)) first.set(id, { partner, at });
  }
  if (set === 'northwind') {
    for (const id of ['FISSA', 'PARIS']) first.set(id, { partner: '1', at: '1996-07-04' });
  }
  const partners = new Map<string, Partner>();
  for (const key of [...new Set([...first.values()].map(({ partner }) => partner))].sort()) {
    const { partner } = await givenPartner(house.tools, { key: `${set}-${key}` });
    partners.set(key, partner);
  }
  const serviceOf = await servicesOf();
  for (const [id, { partner, at }] of first) {
    await relateCustomer(house.tools, {
      partner: partners.get(partner)!,
      customerId: customerIdOf(id),
      serviceId: serviceOf.get(id) ?? [...serviceOf.values()].at(-1)!,
      at: new Date(Date.parse(at) - 86_400_000),
      evidence: 'ledger.csv',
      actor: 'test',
      reference: null,
    });
  }
  return partners;
}

async function servicesOf(): Promise<Map<string, ServiceId>> {
  const { rows } = await house.admin.raw<{ rows: { key: string; service: ServiceId }[] }>(
    `select distinct body ->> 'customer' as key, service_id as service
     from records where record_type = 'payment' and valid_to is null`,
  );
  return new Map(rows.map(({ key, service }) => [key, service]));
}

/** The terms that a row of scenarios.csv describes, in words of ours. */
function termsOf(
  scenario: Record<string, string>,
  rounding: (typeof roundings)[number],
  level: Level,
): FeeTerms {
  const { kind = '', rate_percent: ratePercent = '', months = '' } = scenario;
  const rest = { rounding, currencies: ['USD'] };
  const usd = (text = '') => ({ USD: Number(cents(text)) });
  const percent = { ...rest, kind: 'percent', ratePercent, roundingLevel: levels[level] } as const;
  if (kind === 'recurring') {
    return { ...percent, ...(months !== '' && { durationMonths: Number(months) }) };
  }
  if (kind === 'first') return { ...percent, of: 'first-payment' };
  const amounts = usd(scenario['flat']);
  if (kind === 'flat_first') return { ...rest, kind: 'flat', flat: { per: 'first-payment', amounts } }; // prettier-ignore
  if (kind !== 'flat_threshold') throw new Error(`An unknown kind of scenario: ${kind}`);
  const thresholds = usd(scenario['threshold']);
  return { ...rest, kind: 'flat', flat: { per: 'threshold', amounts, thresholds } };
}

/** Agrees with every partner on these terms from the scenario's first day on, as if always so. */
async function agreeOn(
  partners: Map<string, Partner>,
  { date_from: from = '', date_to: until = '' }: Record<string, string>,
  fee: FeeTerms,
): Promise<void> {
  for (const { id, kind } of partners.values()) {
    const [version] = await findAgreementVersions(house.tools.db, id);
    const partner = { id, kind } as Partner;
    expect(await checkAgreement(house.tools.db, partner, { ...version!.terms, fee })).toEqual([]);
  }
  const changed = await house
    .admin('agreement_versions')
    .whereIn(
      'partner_id',
      [...partners.values()].map(({ id }) => id),
    )
    .update({
      valid_from: from === '' ? '1990-01-01' : from,
      valid_until: until === '' ? null : until,
      terms: house.admin.raw(`jsonb_set(terms, '{fee}', ?::jsonb)`, [JSON.stringify(fee)]),
    });
  expect(changed).toBe(partners.size);
}

/** Each partner's fees by month, and of all months, as the house computes them. */
async function feesOf(partners: Map<string, Partner>): Promise<Map<string, bigint>> {
  const found = new Map<string, bigint>();
  const add = (key: string, minor: bigint) => found.set(key, (found.get(key) ?? 0n) + minor);
  for (const [key, { id }] of partners) {
    for (const { month, totalMinor } of (await previewFees(house.tools, { partnerId: id }))
      .months) {
      for (const place of [`${key} ${month}`, `${key} ALL`, 'ALL ALL']) {
        add(place, totalMinor);
      }
    }
  }
  return found;
}

for (const set of ['chinook', 'northwind']) {
  const path = `data/${set}/expected-fees.csv`;
  referenceTest(path, `every percent fee of ${set} equals the published one, to the cent`, () => {
    const payments = rowsOf(`data/${set}/ledger.csv`).filter((row) => row['partner'] !== '');
    const rates = new Map(
      rowsOf(`data/${set}/scenarios.csv`)
        .filter((row) => row['id']?.endsWith('_ever'))
        .map((row) => [row['id'], row['rate_percent'] ?? '']),
    );
    let compared = 0;
    const seen = new Set<string>();
    for (const row of rowsOf(path)) {
      const rate = rates.get(row['scenario']);
      if (rate === undefined || row['level'] !== 'per_entry') continue;
      const mine = payments.filter(
        (p) =>
          (row['partner'] === 'ALL' || p['partner'] === row['partner']) &&
          (row['month'] === 'ALL' || p['entry_at']?.startsWith(row['month'] ?? '')),
      );
      const sum = (rounding: (typeof roundings)[number]) =>
        mine.reduce(
          (total, p) => total + roundExact(exactFee(cents(p['amount']), rate), rounding),
          0n,
        );
      expect([row, sum('half-even'), sum('half-up')]).toEqual([
        row,
        cents(row['fee_half_even']),
        cents(row['fee_half_up']),
      ]);
      seen.add(row['scenario'] ?? '');
      compared += 1;
    }
    expect(seen.size).toBe(6);
    expect(compared).toBeGreaterThan(900);
  });

  referenceTest(
    path,
    `${set}, loaded and attributed, accrues the published fees for every scenario, partner and month`,
    async () => {
      const partners = await givenSet(set);
      const expected = rowsOf(path);
      // The end of a version is said once: those that end come last, and end on one day.
      const scenarios = rowsOf(`data/${set}/scenarios.csv`).sort((a, b) =>
        (a['date_to'] ?? '').localeCompare(b['date_to'] ?? ''),
      );
      expect(scenarios).toHaveLength(13);
      let compared = 0;
      for (const scenario of scenarios) {
        for (const level of Object.keys(levels) as Level[]) {
          const mine = expected.filter(
            (row) => row['scenario'] === scenario['id'] && row['level'] === level,
          );
          for (const rounding of roundings) {
            await agreeOn(partners, scenario, termsOf(scenario, rounding, level));
            const column = rounding === 'half-even' ? 'fee_half_even' : 'fee_half_up';
            const published = mine.map(
              (row) => [`${row['partner']} ${row['month']}`, cents(row[column])] as const,
            );
            const computed = await feesOf(partners);
            for (const [place, minor] of computed) if (minor === 0n) computed.delete(place);
            expect([scenario['id'], level, rounding, sorted(computed)]).toEqual([
              scenario['id'],
              level,
              rounding,
              sorted(published.filter(([, minor]) => minor !== 0n)),
            ]);
            compared += published.length;
          }
        }
      }
      expect(compared).toBe(2 * expected.length);
      await sameWhenStored(partners);
    },
  );
}

const sorted = (pairs: Iterable<readonly [string, bigint]>) =>
  [...pairs].map(([place, minor]) => `${place}: ${minor}`).sort();

/** What is stored adds up to what the preview shows, in a sum made by SQL. */
async function sameWhenStored(partners: Map<string, Partner>): Promise<void> {
  for (const partner of partners.values()) {
    await accrueFees(house.tools, { partnerId: partner.id });
    const { months } = await previewFees(house.tools, { partnerId: partner.id });
    const { rows } = await house.admin.raw<{ rows: { month: string; sum: string }[] }>(
      'select month, sum(fee_minor) from fee_accruals where partner_id = ? group by 1 order by 1',
      [partner.id],
    );
    expect(rows.map(({ month, sum }) => [month, sum])).toEqual(
      months.map(({ month, totalMinor }) => [month, String(totalMinor)]),
    );
  }
}
