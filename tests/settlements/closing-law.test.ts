import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exactFee, roundExact } from '../../src/earnings/index.ts';
import type { Partner } from '../../src/partners/index.ts';
import type { StaffId } from '../../src/people/index.ts';
import { inTransaction } from '../../src/platform/database.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import { closePartner } from '../../src/settlements/close-partner.ts';
import {
  approveStatement,
  findClosedStatements,
  payStatement,
  type ClosedStatement,
} from '../../src/settlements/index.ts';
import { bookRemittance } from '../../src/transfers/index.ts';
import { insertTransfer } from '../../src/transfers/transfer-store.ts';
import { givenPerson } from '../people/given-people.ts';
import { fee, givenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { givenLines, lineIdOf, type GivenLine } from './given-settlements.ts';

let house: House;
let ada: StaffId;
let ben: StaffId;
let count = 0;
const runs = process.env['SLUICE_TEST_LEDGER'] === undefined ? 20 : 300;

beforeAll(async () => {
  house = await openHouse();
  ada = (await givenPerson(house.tools, ['finance'])).id;
  ben = (await givenPerson(house.tools, ['finance'])).id;
});
afterAll(() => house.close());

const months = ['2026-01', '2026-02', '2026-03', '2026-04'];
const last = '2026-05';

const currencies = fc.constantFrom('EUR', 'EUR', 'JPY');
/** A line as it ends up, if it stands then; before that it may be unknown, or have another fee or currency. */
const finalLine = fc.record({
  fee: fc.integer({ min: -500, max: 500 }),
  day: fc.integer({ min: 1, max: 28 }),
  month: fc.constantFrom(...months),
  currency: currencies,
  isReversal: fc.boolean(),
  isGone: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
});
type FinalLine = typeof finalLine extends fc.Arbitrary<infer Line> ? Line : never;

const step = fc.oneof(
  fc.record({ is: fc.constant('close' as const), month: fc.constantFrom(...months) }),
  fc.record({ is: fc.constant('know' as const), line: fc.nat(9), fee: fc.option(fc.integer({ min: -500, max: 500 })), currency: currencies }), // prettier-ignore
  fc.record({ is: fc.constant('pay' as const) }),
  fc.record({ is: fc.constant('collect' as const), minor: fc.integer({ min: 1, max: 400 }), month: fc.constantFrom(...months), currency: currencies }), // prettier-ignore
  fc.record({ is: fc.constant('remit' as const), minor: fc.integer({ min: 1, max: 400 }), currency: currencies }), // prettier-ignore
);

type Known = Pick<FinalLine, 'fee' | 'currency'>;
const lineOf = (line: FinalLine, index: number, { fee, currency }: Known): GivenLine => ({
  key: `${String(count)} ${String(index)}`,
  fee,
  availableOn: `${line.month}-${String(line.day).padStart(2, '0')}`,
  currency,
  kind: line.isReversal ? 'reversal' : 'accrual',
});

async function close(partner: Partner, month: string): Promise<void> {
  try {
    await closePartner(house.tools, { partner, month, by: ada });
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind.code !== 'earlier-period-open') throw error;
  }
}

/** What the partner took of customers and what it paid us; more than it owes is refused. */
async function move(
  partner: Partner,
  kind: 'collected' | 'remitted',
  moved: { minor: number; currency: string; onDay: string; reference: string },
): Promise<Moved | undefined> {
  const { tools } = house;
  const amountMinor = BigInt(moved.minor);
  const { currency, onDay, reference } = moved;
  const made = { kind, currency, amountMinor };
  if (kind === 'collected') {
    const bookedAt = tools.clock.now();
    const transfer = { ...made, ...{ partnerId: partner.id, reference, onDay, bookedAt } };
    await inTransaction(tools.db, (tx) => insertTransfer(tx, transfer));
    return made;
  }
  try {
    await bookRemittance(tools, { ...made, ...{ partner, reference, onDay, by: ada } });
    return made;
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind.code !== 'more-than-owed') throw error;
    return undefined;
  }
}

interface Moved {
  readonly kind: 'collected' | 'remitted';
  readonly currency: string;
  readonly amountMinor: bigint;
}

async function payAll(partner: Partner): Promise<void> {
  const closed = await findClosedStatements(house.tools.db, { partnerId: partner.id });
  for (const statement of closed.filter(({ status }) => status === 'closed')) {
    await approveStatement(house.tools, { name: statement, by: ben });
    if (statement.payoutMinor === 0n) continue;
    await payStatement(house.tools, { name: statement, reference: statement.id, by: ben });
  }
}

const total = (statements: readonly ClosedStatement[], currency: string) =>
  statements
    .filter((one) => one.currency === currency)
    .reduce((sum, { accruedMinor, reversedMinor, adjustedMinor }) => sum + accruedMinor + reversedMinor + adjustedMinor, 0n); // prettier-ignore

/** The accounts that the statements and what was moved explain, to the minor unit. */
function explained(
  statements: readonly ClosedStatement[],
  moved: readonly Moved[],
  currency: string,
) {
  // prettier-ignore
  const its = statements.filter((one) => one.currency === currency);
  const carried = its.reduce((at, one) => (one.number > at.number ? one : at), { number: 0, carriedMinor: 0n }).carriedMinor; // prettier-ignore
  const sum = (some: readonly ClosedStatement[]) =>
    some.reduce((all, one) => all + one.payoutMinor, 0n);
  const unpaid = sum(its.filter(({ status }) => status !== 'paid'));
  return {
    'referral-expense': total(its, currency),
    'fee-tax': its.reduce((all, { taxMinor }) => all + taxMinor, 0n),
    'partner-payable': -unpaid - (carried > 0n ? carried : 0n),
    'partner-receivable': carried < 0n ? -carried : 0n,
    collections: -sumOf(moved, 'collected', currency),
    remittances: sumOf(moved, 'remitted', currency),
    clearing: -sum(its.filter(({ status }) => status === 'paid')),
  };
}

const sumOf = (moved: readonly Moved[], kind: Moved['kind'], currency: string) =>
  moved
    .filter((one) => one.kind === kind && one.currency === currency)
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);

test('whatever was closed in between, the sum over statements is the same, line by line, and so are the books', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(finalLine, { minLength: 1, maxLength: 10 }),
      fc.array(step, { maxLength: 14 }),
      async (lines, steps) => {
        count += 1;
        const isTaxed = count % 2 === 0;
        const { partner } = await givenPartner(house.tools, {
          key: `p${String(count)}`,
          view: null,
          // Every other partner's fees are taxed.
          ...(isTaxed && { terms: { fee: { ...fee, tax } } }),
        });
        const known = new Map<number, Known>();
        const tell = (told: ReadonlyMap<number, Known>) =>
          givenLines(
            house,
            partner.id,
            lines.flatMap((line, i) => {
              const its = told.get(i);
              return its === undefined ? [] : [lineOf(line, i, its)];
            }),
          );
        const moved: Moved[] = [];
        for (const [i, one] of steps.entries()) {
          if (one.is === 'close') await close(partner, one.month);
          else if (one.is === 'pay') await payAll(partner);
          else if (one.is === 'collect' || one.is === 'remit') {
            const onDay = 'month' in one ? `${one.month}-03` : '2026-01-01';
            const kind = one.is === 'collect' ? 'collected' : 'remitted';
            const made = await move(partner, kind, { ...one, onDay, reference: `r${String(i)}` });
            if (made) moved.push(made);
          } else {
            if (one.fee === null) known.delete(one.line);
            else known.set(one.line, { fee: one.fee, currency: one.currency });
            await tell(known);
          }
        }
        const final = [...lines.entries()].filter(([, { isGone }]) => !isGone);
        await tell(new Map(final));
        for (const month of [...months, last]) await close(partner, month);
        const statements = await findClosedStatements(house.tools.db, { partnerId: partner.id });
        for (const currency of ['EUR', 'JPY']) {
          const fees = final.filter(([, line]) => line.currency === currency);
          const due = fees.reduce((sum, [, line]) => sum + BigInt(line.fee), 0n);
          expect(total(statements, currency)).toBe(due);
          const taxMinor = statements
            .filter((one) => one.currency === currency)
            .reduce((sum, one) => sum + one.taxMinor, 0n);
          expect(taxMinor).toBe(isTaxed ? roundExact(exactFee(due, '19'), 'half-even') : 0n);
          const { rows } = await house.tools.db.raw<{ rows: { account: string; minor: string }[] }>(
            'select account, balance_minor as minor from ledger_accounts where partner_id = ? and currency = ?',
            [partner.id, currency],
          );
          for (const [kind, of] of [
            ['collected', 'collectedMinor'],
            ['remitted', 'remittedMinor'],
          ] as const) {
            // prettier-ignore
            const stated = statements.filter((one) => one.currency === currency);
            const minor = stated.reduce((sum, one) => sum + one[of], 0n);
            expect([kind, minor]).toEqual([kind, sumOf(moved, kind, currency)]);
          }
          const books = explained(statements, moved, currency);
          const held = Object.fromEntries(
            rows.map(({ account, minor }) => [account, BigInt(minor)]),
          );
          expect({ ...nothing, ...held }).toEqual({ ...nothing, ...books });
        }
        const { rows } = await house.tools.db.raw<{ rows: { line_id: string; minor: string }[] }>(
          'select line_id, sum(amount_minor) as minor from closed_lines where partner_id = ? group by line_id having sum(amount_minor) <> 0', // prettier-ignore
          [partner.id],
        );
        const stated = new Map(rows.map((row) => [row.line_id, Number(row.minor)]));
        const owed = final.map(([i, { fee }]) => [lineIdOf(`${String(count)} ${String(i)}`), fee] as const); // prettier-ignore
        expect(stated).toEqual(new Map(owed.filter(([, fee]) => fee !== 0)));
      },
    ),
    { numRuns: runs },
  );
}, 600_000);

const tax = { kind: 'rate', ratePercent: '19' };
const nothing = { 'referral-expense': 0n, 'fee-tax': 0n, 'partner-payable': 0n, 'partner-receivable': 0n, clearing: 0n, collections: 0n, remittances: 0n }; // prettier-ignore
