import {
  checkAgreement,
  findAgreementVersions,
  InvalidAgreement,
  NoAgreement,
  type AgreementTerms,
  type AgreementVersion,
} from '../agreements/index.ts';
import { findPartner, UnknownPartner, type PartnerId } from '../partners/index.ts';
import { addMonths, monthOf } from '../platform/calendar-days.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { computeLines } from './compute-lines.ts';
import { sumLines, type FeeMonth } from './line-rules.ts';

/** What a quarter cost, and what it would have cost. */
export interface FeeComparison {
  /** "2026-Q3" */
  readonly quarter: string;
  readonly present: readonly FeeMonth[];
  readonly proposed: readonly FeeMonth[];
}

/**
 * A dry run: what a quarter's payments would have earned, and its refunds taken back, had the terms
 * been in force from its first day on, beside what they do under the versions that stand. Takes the
 * terms of an agreement, or fee terms for the one that stands last; the quarter before this one where
 * none is named ("2026-Q3"). Writes nothing. Refuses an unknown partner and terms that contradict
 * themselves or the policy; whether the partner's view shows what they read is not asked.
 */
export async function compareFees(
  tools: Tools,
  asked: { partnerId: PartnerId; terms: unknown; quarter?: string | undefined },
): Promise<FeeComparison> {
  const { partnerId } = asked;
  const partner = await findPartner(tools.db, partnerId);
  if (!partner) throw new Refusal(UnknownPartner);
  return inTransaction(tools.db, async (tx) => {
    await tx.raw('set transaction isolation level repeatable read, read only');
    const versions = await findAgreementVersions(tx, partnerId);
    const terms = wholeTerms(asked.terms, versions.at(-1));
    const [problem] = await checkAgreement(tx, partner, terms);
    if (problem) throw new Refusal(InvalidAgreement, problem.detail, problem);
    const { timeZone } = terms as AgreementTerms;
    const now = tools.clock.now();
    const months = monthsOf(asked.quarter ?? quarterBefore(localDay(now, timeZone)));
    const proposed = supposing(versions, {
      ...{ partnerId, version: (versions.at(-1)?.version ?? 0) + 1, publishedAt: now },
      ...{ validFrom: `${months[0]}-01`, validUntil: null, retirement: null },
      terms: terms as AgreementTerms,
    });
    return {
      quarter: quarterOf(`${months[0]}-01`),
      present: await costOf(tx, { partnerId, agreements: versions, months }),
      proposed: await costOf(tx, { partnerId, agreements: proposed, months }),
    };
  });
}

/** Terms as they were given; fee terms alone go into those of the version that stands last. */
function wholeTerms(given: unknown, last: AgreementVersion | undefined): unknown {
  const isFee = typeof given === 'object' && given !== null && 'kind' in given;
  if (!isFee) return given;
  if (!last) throw new Refusal(NoAgreement);
  return { ...last.terms, fee: given };
}

/** The versions that began before it, each until it at most, and then it. */
function supposing(
  versions: readonly AgreementVersion[],
  proposed: AgreementVersion,
): AgreementVersion[] {
  const { validFrom } = proposed;
  const before = versions
    .filter((one) => one.validFrom < validFrom)
    .map((one) =>
      one.validUntil !== null && one.validUntil < validFrom
        ? one
        : { ...one, validUntil: validFrom },
    );
  return [...before, proposed];
}

async function costOf(
  tx: Transaction,
  {
    partnerId,
    agreements,
    months,
  }: {
    partnerId: PartnerId;
    agreements: readonly AgreementVersion[];
    months: readonly string[];
  },
): Promise<FeeMonth[]> {
  const sums = sumLines();
  for await (const lines of computeLines(tx, partnerId, { agreements })) {
    for (const line of lines) if (months.includes(line.month)) sums.add(line);
  }
  return sums.months();
}

function quarterBefore(day: string): string {
  const month = Number(day.slice(5, 7));
  const first = `${day.slice(0, 5)}${String(month - ((month - 1) % 3)).padStart(2, '0')}-01`;
  return quarterOf(addMonths(first, -3));
}

function quarterOf(day: string): string {
  return `${day.slice(0, 4)}-Q${String(Math.ceil(Number(day.slice(5, 7)) / 3))}`;
}

function monthsOf(quarter: string): [string, string, string] {
  const [year = '', number = ''] = quarter.split('-Q');
  const first = `${year}-${String(3 * Number(number) - 2).padStart(2, '0')}-01`;
  return [monthOf(first), monthOf(addMonths(first, 1)), monthOf(addMonths(first, 2))];
}
