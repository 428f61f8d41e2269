import { catalogueOf, type RecordType } from '../catalogue/index.ts';
import type { Partner } from '../partners/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { readPolicy, type DataClass } from '../policy/index.ts';
import type { CustomerId } from '../records/index.ts';
import { compileView } from '../projection/index.ts';
import { fieldsThatLeave, reachOf } from './diff-view.ts';
import { findReachedRecords, type Reach } from './extent-store.ts';
import { viewServed } from './lifecycle-rules.ts';
import { checkView } from './publish-view.ts';
import { findViews } from './view-store.ts';
import { type ViewDocument } from '../projection/index.ts';
import { InvalidView } from './view.ts';

/** What a partner would get of one record type for one customer. */
export interface TypePreview {
  readonly recordType: string;
  /** The fields that are shown here. */
  readonly fields: readonly string[];
  /** Each record, byte for byte as it would be sent but for what is withheld here. */
  readonly records: readonly string[];
  /** How many more there are. */
  readonly more: number;
  /** Fields of class business, which the partner would get and no screen of ours shows. */
  readonly withheld: readonly string[];
}

/**
 * What a partner would get for one customer, with the whole agreement in force, through a draft or
 * through the view that is served now. A look from inside: nothing leaves, so nothing is logged.
 * Business data stays closed to it (P22); of business types not even a number is told. Refuses a draft
 * that cannot be published.
 */
export async function previewView(
  tools: Tools,
  ask: {
    partner: Partner;
    customerId: CustomerId;
    /** Undefined: the view that is served now. */
    draft?: unknown;
    /** The most records of a type. */
    limit?: number;
  },
): Promise<TypePreview[]> {
  const { partner, customerId, limit = 20 } = ask;
  const document = await documentFor(tools, ask);
  if (!document) return [];
  const { reach, classes } = await reachOf(tools, partner);
  const previews: TypePreview[] = [];
  for (const type of catalogueOf(tools.settings).types.values()) {
    const shown = { document, kind: partner.kind };
    const preview = await previewType(tools, { type, shown, classes, reach, customerId, limit });
    if (preview) previews.push(preview);
  }
  return previews;
}

async function documentFor(
  tools: Tools,
  { partner, draft }: { partner: Partner; draft?: unknown },
): Promise<ViewDocument | undefined> {
  if (draft === undefined) {
    const versions = await findViews(tools.db, partner.id);
    return viewServed(versions, { now: tools.clock.now() })?.document;
  }
  const { document, problems } = await checkView(tools, { partner, draft });
  const problem = problems[0];
  if (problem) throw new Refusal(InvalidView, problem.detail, problem);
  return document;
}

async function previewType(
  tools: Tools,
  look: {
    type: RecordType;
    shown: { document: ViewDocument; kind: Partner['kind'] };
    classes: readonly DataClass[];
    reach: Reach;
    customerId: CustomerId;
    limit: number;
  },
): Promise<TypePreview | undefined> {
  const { type, classes, reach, customerId, limit } = look;
  const bounds = { ...look.shown, policy: await readPolicy(tools.db) };
  const whole = compileView(bounds, type, classes);
  if (!whole) return undefined;
  const open = classes.filter((one) => one !== 'business');
  const view = compileView(bounds, type, open);
  const fields = view ? fieldsThatLeave(type, view) : [];
  const withheld = fieldsThatLeave(type, whole).filter((field) => !fields.includes(field));
  const records: string[] = [];
  let more = 0;
  if (view) {
    for (const recordId of await findReachedRecords(tools.db, reach, customerId, type.name)) {
      const values = [reach.partnerId, recordId, reach.services];
      const [line] = await tools.reader.read<Line>(reach.partnerId, view.single, values);
      const record = line?.records ?? null;
      if (record === null) continue;
      if (records.length < limit) records.push(record);
      else more += 1;
    }
  }
  return { recordType: type.name, fields, records, more, withheld };
}

/** The record's text, null where nothing of it is shown. */
interface Line {
  readonly records: string | null;
}
