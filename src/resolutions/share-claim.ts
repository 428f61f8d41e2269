import { findClaim, UnknownClaim, type Claim, type ClaimId } from '../claims/index.ts';
import type { DisclosedSubject } from '../disclosures/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import { numberSubjects } from '../logs/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import { problemsOf } from '../platform/schemas.ts';
import type { Tools } from '../platform/tools.ts';
import { disclose, underDecision, type Allowed, type DisclosedAnswer } from '../sharing/index.ts';
import { feeQuestion, nextOf, pageAfter } from '../statements/index.ts';
import type { Caller } from '../tokens/index.ts';
import { compareClaim, type Row } from '../reconciliation/index.ts';
import { positionOf, wireClaim, wireOutcomes, wireRow, wireSums } from './wire-rules.ts';

interface AskedClaim {
  readonly caller: Caller;
  readonly view?: number | undefined;
  /** As the partner reads it. */
  readonly id: string;
}

/**
 * Shows a partner what its claim comes to beside our statement, in sums that name no customer, and
 * writes down that it did.
 */
export async function shareClaim(tools: Tools, ask: AskedClaim): Promise<DisclosedAnswer> {
  const { caller } = ask;
  return underDecision(tools, { ...feeQuestion(caller), view: ask.view }, async (decision) => {
    const claim = await readClaim(tools, ask);
    const { statement, rows, toleranceMinor } = await compareClaim(tools, { claim, decision });
    const { currency } = claim;
    const body = {
      ...wireClaim(claim, pairwiseFor(tools, caller)),
      statementStatus: statement.status,
      tolerance: Number(toleranceMinor),
      ...wireSums(rows, currency),
      outcomes: wireOutcomes(rows, currency),
    };
    return discloseClaim(tools, {
      ...{ caller, decision, subjects: [] },
      ...{ schema: 'reconciliation/claim-result.gives', body: JSON.stringify(body) },
    });
  });
}

/**
 * Shows a partner a page of what became of the lines of its claim and of our statement, and writes
 * down that it did. A line that names nobody who may be shown to the partner says so and no more.
 */
export async function shareClaimLines(
  tools: Tools,
  ask: AskedClaim & { readonly limit: number; readonly cursor: string | undefined },
): Promise<DisclosedAnswer> {
  const { caller, id, limit } = ask;
  return underDecision(tools, { ...feeQuestion(caller), view: ask.view }, async (decision) => {
    const claim = await readClaim(tools, ask);
    const page = { caller, decision, list: `claim ${id}` };
    const after = pageAfter(tools, page, ask.cursor);
    const { rows } = await compareClaim(tools, { claim, decision });
    const left = after === undefined ? rows : rows.filter((row) => positionOf(row) > after);
    const shown = left.slice(0, limit);
    const last = left.length > limit ? shown.at(-1) : undefined;
    const next = nextOf(tools, page, last && positionOf(last));
    const { texts, subjects } = await wireRows(tools, { caller, claim, rows: shown });
    const body = `{"data":[${texts.join(',')}],"next":${JSON.stringify(next)}}`;
    const schema = 'reconciliation/claim-lines.gives';
    return discloseClaim(tools, { caller, decision, subjects, schema, body });
  });
}

const pairwiseFor = ({ settings }: Tools, { partnerId }: Caller) =>
  pairwiseOf(settings.keys.pairwise, partnerId);

async function readClaim(tools: Tools, { caller, id }: AskedClaim): Promise<Claim> {
  const uuid = pairwiseFor(tools, caller).uuidOf('claim', id) as ClaimId | undefined;
  const { partnerId } = caller;
  const claim = uuid && (await findClaim(tools.db, { partnerId, id: uuid }));
  if (!claim) throw new Refusal(UnknownClaim);
  return claim;
}

async function wireRows(
  tools: Tools,
  { caller, claim, rows }: { caller: Caller; claim: Claim; rows: readonly Row[] },
): Promise<{ texts: string[]; subjects: DisclosedSubject[] }> {
  const pairwise = pairwiseFor(tools, caller);
  const { partnerId, currency } = claim;
  const whose = rows.flatMap(({ customerIds }) => customerIds);
  const numbers = await inTransaction(tools.db, (tx) => numberSubjects(tx, partnerId, whose));
  const subjects: DisclosedSubject[] = [];
  const texts = rows.map((row) => {
    const text = JSON.stringify(wireRow(row, { pairwise, currency }));
    for (const customerId of row.customerIds) {
      const number = numbers.get(customerId);
      if (number === undefined) throw new Error('A subject has no number in the log.');
      const pairwiseId = pairwise.idOf('customer', customerId);
      subjects.push({ number, pairwiseId, record: Buffer.from(text) });
    }
    return text;
  });
  return { texts, subjects };
}

async function discloseClaim(
  tools: Tools,
  made: {
    caller: Caller;
    decision: Allowed;
    subjects: readonly DisclosedSubject[];
    schema: string;
    body: string;
  },
) {
  const { decision, subjects } = made;
  const [wrong] = problemsOf(made.schema, JSON.parse(made.body));
  if (wrong) throw new Error(`An answer was held back: ${wrong.detail}`);
  return disclose(tools, {
    ...{ decision, subjects, caller: feeQuestion(made.caller).caller },
    ...{ channel: 'pull', recordType: 'fee-claim', classes: ['financial'], fields: null },
    body: Buffer.from(made.body),
  });
}
