import { raiseEpoch } from '../logs/index.ts';
import { isDate } from '../platform/calendar.ts';
import { inTransaction, type Database, type Transaction } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import { Refusal } from '../platform/refusal.ts';
import { allProblemsOf } from '../platform/schemas.ts';
import type { Tools } from '../platform/tools.ts';
import { readPolicy } from '../policy/index.ts';
import { problemsOfTerms, type AgreementProblem } from './agreement-rules.ts';
import type { AgreementTerms, AgreementVersion } from './agreement.ts';
import {
  endAgreementVersion,
  findAgreementVersions,
  insertAgreementVersion,
  lockPartner,
} from './partner-store.ts';
import { InvalidAgreement, UnknownPartner, type Partner, type PartnerId } from './partner.ts';

/**
 * Publishes the next version of the agreement with a partner, in force from a local day on; the
 * version before it ends on that day. Refuses terms beyond the policy, naming the promise, and a
 * day before the present version began. A past day is allowed while no version stands yet, so that
 * an agreement made before Sluice came can be recorded.
 */
export async function publishAgreement(
  tools: Tools,
  { partnerId, validFrom, terms }: { partnerId: PartnerId; validFrom: string; terms: unknown },
): Promise<AgreementVersion> {
  return inTransaction(tools.db, async (tx) => {
    const partner = await lockPartner(tx, partnerId);
    if (!partner) throw new Refusal(UnknownPartner);
    const checked = await checkTerms(tx, partner, terms);
    const earlier = await findAgreementVersions(tx, partnerId);
    const last = earlier.at(-1);
    checkStart(tools, validFrom, last, checked);
    if (last) await endAgreementVersion(tx, last, validFrom);
    const version = (last?.version ?? 0) + 1;
    const publishedAt = tools.clock.now();
    const agreement = {
      ...{ partnerId, version, validFrom, validUntil: null },
      ...{ publishedAt, terms: checked },
    };
    await insertAgreementVersion(tx, agreement);
    await raiseEpoch(tx, [partnerId]);
    return agreement;
  });
}

/**
 * Every problem of terms for a partner: of their shape, or, where that is right, with the policy.
 * None: they can be published.
 */
export async function checkAgreement(
  db: Database | Transaction,
  partner: Partner,
  terms: unknown,
): Promise<readonly AgreementProblem[]> {
  const shape = allProblemsOf('partners/agreement-terms', terms);
  if (shape.length > 0) return shape;
  return problemsOfTerms(await readPolicy(db), partner.kind, terms as AgreementTerms);
}

async function checkTerms(
  tx: Transaction,
  partner: Partner,
  terms: unknown,
): Promise<AgreementTerms> {
  const [problem] = await checkAgreement(tx, partner, terms);
  if (problem) throw new Refusal(InvalidAgreement, problem.detail, problem);
  return terms as AgreementTerms;
}

function checkStart(
  tools: Tools,
  validFrom: string,
  last: AgreementVersion | undefined,
  { timeZone }: AgreementTerms,
): void {
  const field = 'validFrom';
  if (!isDate(validFrom)) {
    throw new Refusal(InvalidAgreement, 'An agreement begins on a day, YYYY-MM-DD.', { field });
  }
  if (!last) return;
  if (validFrom <= last.validFrom) {
    const detail = `The version before begins on ${last.validFrom}; the next begins later.`;
    throw new Refusal(InvalidAgreement, detail, { field });
  }
  if (validFrom < localDay(tools.clock.now(), timeZone)) {
    const detail = 'A version that follows another cannot begin on a day that is over.';
    throw new Refusal(InvalidAgreement, detail, { field });
  }
}
