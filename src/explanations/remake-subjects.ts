import { catalogueOf } from '../catalogue/index.ts';
import type { Evidence } from '../disclosures/index.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import { findRecordVersions, type CustomerId } from '../records/index.ts';
import { lensOf } from './remake-disclosure.ts';
import { findSubjects, type EntryText } from './remake-rules.ts';

/** What was sent of one customer at one place of an entry's subject list. */
export interface RemadeSubject {
  /** From 0. */
  readonly place: number;
  /** The source's key of the record and its bytes; null: no version that is still held is the one. */
  readonly made: { readonly key: string; readonly record: Buffer } | null;
}

/**
 * Makes the records again that one entry showed of one customer, each proven by the hash of its leaf.
 * Only records can be; of what was computed of them the places are told.
 */
export async function remakeSubjects(
  tools: Tools,
  {
    recipientId,
    evidence,
    customerId,
  }: { recipientId: string; evidence: Evidence; customerId: string },
): Promise<RemadeSubject[]> {
  const entry = JSON.parse(evidence.entry) as EntryText;
  const places = evidence.subjects.flatMap((subject, place) =>
    subject.customerId === customerId ? [place] : [],
  );
  const isRecord = catalogueOf(tools.settings).types.has(entry.recordType);
  const lens = isRecord ? await lensOf(tools, recipientId as PartnerId, entry) : 'of no record';
  if (typeof lens === 'string') return places.map((place) => ({ place, made: null }));
  const versions = await findRecordVersions(tools.db, {
    ...{ customerId: customerId as CustomerId, type: entry.recordType },
  });
  const records = findSubjects(lens, { versions, places }, evidence);
  return places.map((place, i) => {
    const found = records[i];
    return { place, made: found ? { key: found.key, record: found.record } : null };
  });
}
