import type { Evidence } from '../disclosures/index.ts';
import type { PageFilters } from '../logs/index.ts';
import type { RecordType } from '../catalogue/index.ts';
import { cutRecord, type Pairwise } from '../joint/index.ts';
import type { Partner } from '../partners/index.ts';
import { sealCursor } from '../platform/cursor.ts';
import { groupBy } from '../platform/group.ts';
import { classesOfKind, type DataClass, type Policy } from '../policy/index.ts';
import type { HeldRecord } from '../records/index.ts';
import { cursorContext } from '../sharing/index.ts';
import { projectRecord, type Narrowed } from '../projection/index.ts';

/** What an entry says of its disclosure, as far as it takes part in making the body again. */
export interface EntryText {
  readonly channel: string;
  readonly classes: readonly DataClass[];
  readonly fields: readonly string[] | null;
  readonly policy: { readonly version: string };
  readonly purpose: readonly string[];
  readonly recipient: string;
  readonly recordType: string;
  readonly token: string;
  readonly view: { readonly version: number; readonly digest: string };
}

/** Through what a record was sent: its type, the partner, the policy and the view of the entry. */
export interface Lens {
  readonly type: RecordType;
  readonly partner: Partner;
  readonly policy: Policy;
  readonly narrowed: Narrowed;
  readonly pairwise: Pairwise;
}

/** A record made again, and where it stands among the partner's records. */
export interface RemadeRecord {
  /** The source's key. */
  readonly key: string;
  readonly position: string;
  readonly record: Buffer;
}

/**
 * Finds what was sent for one customer: of its leaves, by their places in the subject list, the
 * version of a record that has the leaf's hash. Leaves of one customer stand in the order of the
 * pages, so that each record is tried after those found before it. Undefined: none has it.
 */
export function findSubjects(
  lens: Lens,
  { versions, places }: { versions: readonly HeldRecord[]; places: readonly number[] },
  { isSubject }: Pick<Evidence, 'isSubject'>,
): (RemadeRecord | undefined)[] {
  const ordered = [...groupBy(versions, ({ recordId }) => recordId)]
    .map(([recordId, of]) => ({
      position: lens.pairwise.positionOf(of[0]?.customerId ?? '', recordId),
      of,
    }))
    .sort((one, other) => (one.position < other.position ? -1 : 1));
  let next = 0;
  return places.map((place) => {
    for (const [i, { position, of }] of ordered.entries()) {
      if (i < next) continue;
      const sent = of
        .map((one) => ({ key: one.key, leaf: sentOf(lens, one) }))
        .find(({ leaf }) => leaf && isSubject(place, leaf));
      if (!sent?.leaf) continue;
      next = i + 1;
      return { key: sent.key, position, record: sent.leaf.record };
    }
    return undefined;
  });
}

function sentOf({ type, partner, policy, narrowed, pairwise }: Lens, record: HeldRecord) {
  const joint = cutRecord({
    ...{ record, type, pairwise, services: [] },
    classes: classesOfKind(policy, partner.kind),
    relationship: { partnerId: partner.id, kind: partner.kind },
  });
  const text = projectRecord(type, narrowed, joint);
  return text === undefined
    ? undefined
    : { pairwiseId: joint.subjectId, record: Buffer.from(text) };
}

/** The bodies that these records, in the order of their positions, can have been sent in. */
export function bodiesOf(
  records: readonly RemadeRecord[],
  {
    entry,
    lens,
    filters,
    purposes,
    cursorKey,
  }: {
    entry: EntryText;
    lens: Lens;
    filters: PageFilters | null;
    /** What the token may have been for. */
    purposes: readonly (readonly string[])[];
    cursorKey: Buffer;
  },
): Buffer[] {
  const ordered = records.toSorted((one, other) => (one.position < other.position ? -1 : 1));
  const texts = ordered.map(({ record }) => record);
  if (entry.channel === 'stream') {
    return [Buffer.concat(texts.flatMap((text) => [text, Buffer.from('\n')]))];
  }
  const last = ordered.at(-1)?.position;
  const cursors =
    last === undefined
      ? []
      : purposes.map((one) => {
          const context = cursorContext({
            ...{ partnerId: lens.partner.id, recordType: entry.recordType, view: entry.view },
            ...{ purposes: one, fields: lens.narrowed.fields, filters: filters ?? undefined },
          });
          return JSON.stringify(sealCursor(cursorKey, context, last));
        });
  const data = Buffer.concat(
    texts.flatMap((text, i) => (i === 0 ? [text] : [Buffer.from(','), text])),
  );
  const pages = ['null', ...cursors].map((next) =>
    Buffer.concat([Buffer.from('{"data":['), data, Buffer.from(`],"next":${next}}`)]),
  );
  return texts.length === 1 ? [data, ...pages] : pages;
}
