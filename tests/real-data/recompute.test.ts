import { afterAll, beforeAll, expect } from '@jest/globals';
import type { FeeTerms } from '../../src/agreements/index.ts';
import { accrueFees } from '../../src/fees/index.ts';
import { listen, type RunningServer } from '../../src/platform/http/lifecycle.ts';
import { addMonths, monthOf } from '../../src/platform/calendar-days.ts';
import { systemRandomness } from '../../src/platform/randomness.ts';
import { receiveFees, recomputeFees, type AskApi } from '../../src/recomputation/index.ts';
import { closePartner } from '../../src/settlements/close-partner.ts';
import { findClosedStatements, type ClosedStatement } from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { referenceTest } from '../support/reference.ts';
import { isHere, openWorld, sets, type RealSet, type World } from './real-sets.ts';

/**
 * Every closed statement of the real sets, computed once more by their partners from what they are
 * sent. Terms of every kind take turns: each partner has other ones each year.
 */

interface Closed {
  readonly world: World;
  readonly server: RunningServer;
  readonly statements: Map<string, ClosedStatement[]>;
}

const closedSets = new Map<string, Closed>();

const base = { currencies: ['USD'], rounding: 'half-even' } as const;
const usd = (minor: number) => ({ USD: minor });
const steps = (first: number, second: number) => [
  { from: usd(0), ratePercent: '10' },
  { from: usd(first), ratePercent: '12.5' },
  { from: usd(second), ratePercent: '33.33' },
];

/** Amounts of chinook are some dollars, those of northwind some hundreds: `scale` of them. */
const turnsOf = (scale: number): FeeTerms[] => [
  { ...base, kind: 'percent', ratePercent: '12.5', capPerCustomer: usd(150 * scale) },
  { ...base, kind: 'tiers', tiers: { mode: 'graduated', by: 'base', steps: steps(700 * scale, 2000 * scale) }, holdDays: 14 }, // prettier-ignore
  { ...base, kind: 'percent', ratePercent: '25', of: 'first-payment', rounding: 'half-up' },
  { ...base, kind: 'percent', ratePercent: '33.33', roundingLevel: 'partner-month', holdDays: 30, holdToMonthEnd: true }, // prettier-ignore
  { ...base, kind: 'flat', flat: { per: 'threshold', amounts: usd(2500), thresholds: usd(2500) } },
  { ...base, kind: 'tiers', tiers: { mode: 'volume', by: 'base', steps: steps(900 * scale, 1500 * scale) } }, // prettier-ignore
  { ...base, kind: 'percent', ratePercent: '20', durationMonths: 12, period: 'half-month' },
  { ...base, kind: 'percent', ratePercent: '50', rounding: 'down', period: 'quarter', minimumPayout: usd(400 * scale) }, // prettier-ignore
  { ...base, kind: 'flat', flat: { per: 'first-payment', amounts: usd(500) } },
  { ...base, kind: 'percent', ratePercent: '20', capPerPeriod: usd(120 * scale), roundingLevel: 'customer-month' }, // prettier-ignore
  { ...base, kind: 'flat', flat: { per: 'payment', amounts: usd(99) }, holdDays: 3 },
  { ...base, kind: 'flat', flat: { per: 'activation', amounts: usd(750) } },
  { ...base, kind: 'tiers', tiers: { mode: 'volume', by: 'active-relationships', steps: [{ fromActive: 0, ratePercent: '5' }, { fromActive: 12, ratePercent: '15' }] } }, // prettier-ignore
];

/** Up to the month in which the last line of a held payment becomes available. */
const monthsOf = { chinook: ['2021-01', '2026-02'], northwind: ['1996-07', '1998-06'] } as const;
const yearsOf = { chinook: [2021, 2025], northwind: [1996, 1998] } as const;
const scaleOf = { chinook: 1, northwind: 100 } as const;

/** Gives each partner the terms whose turn it is, from each year on, as if always agreed. */
async function agreeByTurns({ name }: RealSet, { house, partners }: World): Promise<void> {
  const turns = turnsOf(scaleOf[name]);
  const [first, last]: readonly [number, number] = yearsOf[name];
  let turn = 0;
  for (const { partner } of partners.values()) {
    for (let year = first; year <= last; year += 1, turn += 1) {
      const version = year - first + 1;
      const fee = JSON.stringify(turns[turn % turns.length]);
      const validFrom = `${String(year)}-01-01`;
      const validUntil = year === last ? null : `${String(year + 1)}-01-01`;
      await house.admin.transaction(async (tx) => {
        await tx.raw('set local session_replication_role = replica');
        await tx.raw(
          `insert into agreement_versions (partner_id, version, valid_from, terms, published_at)
           select partner_id, ?, valid_from, terms, published_at
           from agreement_versions where partner_id = ? and version = 1 on conflict do nothing`,
          [version, partner.id],
        );
        await tx.raw(
          `insert into agreement_acceptances
           select (jsonb_populate_record(a, jsonb_build_object('version', cast(? as integer)))).*
           from agreement_acceptances as a where a.partner_id = ? and a.version = 1
           on conflict do nothing`,
          [version, partner.id],
        );
        await tx('agreement_versions')
          .where({ partner_id: partner.id, version })
          .update({
            valid_from: validFrom,
            valid_until: validUntil,
            terms: tx.raw(`jsonb_set(terms, '{fee}', ?::jsonb)`, [fee]),
          });
      });
    }
  }
}

/** Closes every month in its order; what is served is logged when it is first asked for. */
async function closeAll({ name }: RealSet, { house, partners }: World): Promise<void> {
  const by = (await givenPerson(house.tools, ['finance'])).id;
  const [first, last] = monthsOf[name];
  for (const { partner } of partners.values()) {
    // No record comes between the closes: computed once, the lines are those of each of them.
    await accrueFees(house.tools, { partnerId: partner.id });
    for (let day = `${first}-01`; day <= `${last}-01`; day = addMonths(day, 1)) {
      await closePartner(house.tools, { partner, month: monthOf(day), by });
    }
  }
}

beforeAll(async () => {
  for (const set of sets) {
    if (!isHere(set)) continue;
    const world = await openWorld(set);
    await agreeByTurns(set, world);
    await closeAll(set, world);
    const statements = new Map<string, ClosedStatement[]>();
    for (const [key, { partner }] of world.partners) {
      const closed = await findClosedStatements(world.house.tools.db, { partnerId: partner.id });
      statements.set(key, closed);
    }
    const server = await listen(world.gateway, {
      ...{ host: '127.0.0.1', port: 0, random: systemRandomness },
    });
    closedSets.set(set.name, { world, server, statements });
  }
}, 180_000);
afterAll(async () => {
  for (const { world, server } of closedSets.values()) {
    await server.stop(1);
    await world.house.close();
  }
});

/** Asks over HTTP by a partner's token; what was answered once is asked for no more. */
function askerOf({ world, server }: Closed, partner: string): AskApi {
  const answers = new Map<string, unknown>();
  const headers = { Authorization: `Bearer ${world.tokens.get(partner) ?? ''}` };
  return async (path) => {
    if (answers.has(path)) return answers.get(path);
    const answer = await fetch(`http://127.0.0.1:${String(server.port)}${path}`, { headers });
    expect([path, answer.status]).toEqual([path, 200]);
    const body: unknown = await answer.json();
    answers.set(path, body);
    return body;
  };
}

async function verdictOf(ask: AskApi, statement: string) {
  const given = await receiveFees(ask, statement);
  if (!given) throw new Error(`${statement} is not closed.`);
  const { agrees, recomputed, differences, withheld, problems } = recomputeFees(given.received);
  return { agrees, recomputed, differences, withheld, problems: [...given.problems, ...problems] };
}

for (const set of sets) {
  const path = `data/${set.name}/ledger.csv`;
  const closedSet = () => {
    const closed = closedSets.get(set.name);
    if (!closed) throw new Error(`${set.name} is not loaded`);
    return closed;
  };

  referenceTest(
    path,
    `each partner of ${set.name} comes to every statement that was closed, from what it is sent`,
    async () => {
      const closed = closedSet();
      let fees = 0;
      let count = 0;
      for (const [partner, statements] of closed.statements) {
        const ask = askerOf(closed, partner);
        for (const { id } of statements) {
          const verdict = await verdictOf(ask, id);
          const none = { count: 0, minor: 0n };
          expect([partner, id, verdict]).toEqual([
            partner,
            id,
            { agrees: true, recomputed: verdict.recomputed, differences: [], withheld: none, problems: [] }, // prettier-ignore
          ]);
          fees = Math.max(fees, verdict.recomputed);
          count += 1;
        }
      }
      process.stderr.write(`${set.name}: ${String(count)} closed statements come out\n`);
      expect(count).toBeGreaterThan(60);
      expect(fees).toBeGreaterThan(40);
    },
    120_000,
  );

  referenceTest(
    path,
    `one payment of ${set.name} that is another makes it disagree, and its line is named`,
    async () => {
      const closed = closedSet();
      // The first terms of the first partner are a percentage: of its first month with a fee.
      const [[partner, all] = ['', []]] = closed.statements;
      const id = all.findLast(({ accruedMinor }) => accruedMinor > 0n)?.id ?? '';
      const ask = askerOf(closed, partner);
      const given = await receiveFees(ask, id);
      const line = given?.received.statements
        .find((statement) => statement.id === id)
        ?.lines.find(({ amount, reason }) => amount.amount > 0 && reason === 'earned');
      const forged: AskApi = async (asked) => {
        const body = await ask(asked);
        if (!asked.startsWith('/v1/payments')) return body;
        const page = body as { data: { id: string; amount: { amount: number } }[] };
        const data = page.data.map((one) =>
          one.id === line?.payment
            ? // So little that it earns nothing, whatever cap cut its fee before.
              { ...one, amount: { ...one.amount, amount: 1 } }
            : one,
        );
        return { ...page, data };
      };
      const verdict = await verdictOf(forged, id);
      expect([verdict.agrees, verdict.problems]).toEqual([false, []]);
      expect(verdict.differences.flatMap(({ lines }) => lines)).toContain(line?.id);
    },
    60_000,
  );
}
