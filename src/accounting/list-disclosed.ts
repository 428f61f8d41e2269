import { catalogueOf } from '../catalogue/index.ts';
import { readEvidenceAt } from '../disclosures/index.ts';
import { remakeSubjects, type RemadeSubject } from '../explanations/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import type { LogHead } from '../logs/index.ts';
import { refuseParameter } from '../platform/http/query.ts';
import type { Tools } from '../platform/tools.ts';
import { findShown } from '../postings/index.ts';
import { Refusal } from '../platform/refusal.ts';
import { isKnownCustomer, UnknownCustomer, type CustomerId } from '../records/index.ts';
import type { DisclosedRecord, EntryText } from './accounting.ts';
import { findLogs } from './find-logs.ts';

/** One disclosure that showed a person. */
export interface Disclosed extends EntryText {
  readonly id: string;
  readonly log: string;
  readonly index: number;
  /** What the recipient knows the person by. */
  readonly subject: string;
  readonly records: readonly DisclosedRecord[];
}

/**
 * A page of what was disclosed of a customer: recipient by recipient, for each the oldest first, after
 * the disclosure that `cursor` names. It says which records were sent, never what stood in them; of
 * business data not even which (P22, P23). Refuses
 * `unknown-customer`, and a cursor that is none as `param-invalid`.
 */
export async function disclosuresOf(
  tools: Tools,
  {
    customerId,
    limit,
    cursor,
  }: { customerId: CustomerId; limit: number; cursor?: string | undefined },
): Promise<{ disclosures: readonly Disclosed[]; next: string | null }> {
  if (!(await isKnownCustomer(tools.db, customerId))) throw new Refusal(UnknownCustomer);
  const logs = await findLogs(tools.db, customerId);
  const all: { head: LogHead; index: number }[] = [];
  for (const { head, number } of logs) {
    const shown = await findShown(tools.db, { ...head, number });
    all.push(...[...new Set(shown)].map((index) => ({ head, index })));
  }
  const start = cursor === undefined ? 0 : startAfter(all, cursor);
  const page = all.slice(start, start + limit);
  const disclosures: Disclosed[] = [];
  for (const { head } of logs) {
    const indices = page.flatMap((one) => (one.head === head ? [one.index] : []));
    disclosures.push(...(await readDisclosed(tools, { customerId, head, indices })));
  }
  const end = page.at(-1);
  const isMore = start + page.length < all.length;
  return { disclosures, next: end && isMore ? cursorAt(end) : null };
}

interface Place {
  readonly head: { readonly logId: string };
  readonly index: number;
}

function cursorAt({ head, index }: Place): string {
  return `${head.logId}.${String(index)}`;
}

function startAfter(all: readonly Place[], cursor: string): number {
  const last = all.findIndex((one) => cursorAt(one) === cursor);
  if (last < 0) refuseParameter('cursor', 'must be the `next` of an earlier answer');
  return last + 1;
}

async function readDisclosed(
  tools: Tools,
  {
    customerId,
    head: { recipientId, origin },
    indices,
  }: {
    customerId: CustomerId;
    head: { recipientId: string; origin: string };
    indices: readonly number[];
  },
): Promise<Disclosed[]> {
  const subject = pairwiseOf(tools.settings.keys.pairwise, recipientId).idOf(
    'customer',
    customerId,
  );
  const disclosed: Disclosed[] = [];
  for (const evidence of await readEvidenceAt(tools, { recipientId, indices })) {
    const entry = JSON.parse(evidence.entry) as EntryText;
    const remade = await remakeSubjects(tools, { recipientId, evidence, customerId });
    const isBusiness = catalogueOf(tools.settings).types.get(entry.recordType)?.isBusiness ?? false;
    disclosed.push({
      ...{ id: evidence.id, log: origin, index: evidence.index, subject, at: entry.at },
      ...{ recipient: entry.recipient, channel: entry.channel, purpose: entry.purpose },
      ...{ recordType: entry.recordType, classes: entry.classes, fields: entry.fields },
      policy: entry.policy,
      records: remade.map((one) => recordOf(one, evidence.leafHashes, isBusiness)),
    });
  }
  return disclosed;
}

function recordOf(
  { place, made }: RemadeSubject,
  leafHashes: Buffer,
  isBusiness: boolean,
): DisclosedRecord {
  const hash = leafHashes.subarray(place * 32, (place + 1) * 32).toString('base64url');
  return { place, hash, key: isBusiness ? null : (made?.key ?? null) };
}
