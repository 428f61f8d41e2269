import { raiseEpoch } from '../logs/index.ts';
import { isDate } from '../platform/calendar.ts';
import { inTransaction, type Database, type Transaction } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import { isPrintable } from '../platform/printable.ts';
import { Refusal } from '../platform/refusal.ts';
import { allProblemsOf } from '../platform/schemas.ts';
import type { Tools } from '../platform/tools.ts';
import { lockPartner, UnknownPartner, type Partner, type PartnerId } from '../partners/index.ts';
import { readPolicy } from '../policy/index.ts';
import { problemsOfTerms, type AgreementProblem } from './agreement-rules.ts';
import {
  endAgreementVersion,
  findAgreementVersions,
  insertAcceptance,
  insertAgreementVersion,
} from './agreement-store.ts';
import {
  InvalidAgreement,
  type Acceptance,
  type AgreementTerms,
  type AgreementVersion,
} from './agreement.ts';

/** Terms that both sides accepted: who for each, and what shows it. */
export interface AgreedTerms {
  readonly partnerId: PartnerId;
  readonly validFrom: string;
  readonly terms: unknown;
  readonly acceptances: Readonly<Record<Acceptance['side'], Omit<Acceptance, 'side'>>>;
}

/** What terms must hold beyond what this room knows of: every problem that is found. */
export type TermsProof = (
  db: Database | Transaction,
  partner: Partner,
  terms: AgreementTerms,
) => Promise<readonly AgreementProblem[]>;

/**
 * Publishes the next version of the agreement with a partner, as both sides accepted it, in force from
 * a local day on; the version before it ends on that day. Refuses terms beyond the policy, naming the
 * promise, and a day before the present version began. A past day is allowed while no version stands
 * yet, so that an agreement made before Sluice came can be recorded.
 */
export async function publishAgreement(
  tools: Tools,
  agreed: AgreedTerms,
  proof?: TermsProof,
): Promise<AgreementVersion> {
  return inTransaction(tools.db, (tx) => publishIn(tx, tools, agreed, proof));
}

/** The same in a transaction that does more. */
export async function publishIn(
  tx: Transaction,
  tools: Pick<Tools, 'clock'>,
  { partnerId, validFrom, terms, acceptances }: AgreedTerms,
  proof?: TermsProof,
): Promise<AgreementVersion> {
  const partner = await lockPartner(tx, partnerId);
  if (!partner) throw new Refusal(UnknownPartner);
  if (partner.status === 'retired') {
    throw new Refusal(InvalidAgreement, 'The partner is retired: nothing more is agreed with it.');
  }
  const checked = await checkTerms(tx, partner, terms, proof);
  const earlier = await findAgreementVersions(tx, partnerId);
  const last = earlier.at(-1);
  checkStart(tools, validFrom, last, checked);
  if (last) await endAgreementVersion(tx, last, validFrom);
  const version = (last?.version ?? 0) + 1;
  const publishedAt = tools.clock.now();
  const agreement = {
    ...{ partnerId, version, validFrom, validUntil: null },
    ...{ publishedAt, terms: checked, retirement: null },
  };
  await insertAgreementVersion(tx, agreement);
  for (const side of ['operator', 'partner'] as const) {
    const said = acceptances[side];
    checkAcceptance(said);
    await insertAcceptance(tx, agreement, { side, ...said });
  }
  await raiseEpoch(tx, [partnerId]);
  return agreement;
}

function checkAcceptance({ by, evidence }: Omit<Acceptance, 'side'>): void {
  checkText('by', by, 200);
  checkText('evidence', evidence, 1000);
}

/** Refuses what is not 1 to `most` printable characters. */
export function checkText(field: string, text: string, most: number): void {
  if (isPrintable(text, most)) return;
  throw new Refusal(InvalidAgreement, `It is 1 to ${String(most)} printable characters.`, {
    field,
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
  proof?: TermsProof,
): Promise<readonly AgreementProblem[]> {
  const shape = allProblemsOf('partners/agreement-terms', terms);
  if (shape.length > 0) return shape;
  const checked = terms as AgreementTerms;
  return [
    ...problemsOfTerms(await readPolicy(db), partner.kind, checked),
    ...((await proof?.(db, partner, checked)) ?? []),
  ];
}

/** The terms, or the refusal of the first thing that is wrong with them. */
export async function checkTerms(
  tx: Transaction,
  partner: Partner,
  terms: unknown,
  proof?: TermsProof,
): Promise<AgreementTerms> {
  const [problem] = await checkAgreement(tx, partner, terms, proof);
  if (problem) throw new Refusal(InvalidAgreement, problem.detail, problem);
  return terms as AgreementTerms;
}

function checkStart(
  tools: Pick<Tools, 'clock'>,
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
  const now = tools.clock.now();
  const isOver = [timeZone, last.terms.timeZone].some((zone) => validFrom < localDay(now, zone));
  if (isOver) {
    const detail = 'A version that follows another cannot begin on a day that is over.';
    throw new Refusal(InvalidAgreement, detail, { field });
  }
}
