import type { DisclosedSubject } from '../disclosures/index.ts';
import type { PageFilters } from '../logs/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import { isDate } from '../platform/calendar.ts';
import { openCursor, sealCursor } from '../platform/cursor.ts';
import { refuseParameter } from '../platform/http/query.ts';
import { NotFound, Refusal, ScopeInsufficient } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { catalogueOf, type RecordType } from '../catalogue/index.ts';
import { checkOutgoing, type OutgoingCheck } from '../records/index.ts';
import type { Caller } from '../tokens/index.ts';
import type { CompiledView } from '../projection/index.ts';
import { classesOf, narrowedFor, refuseHidden } from './compiled-views.ts';
import { underDecision, type Allowed, type Tried } from './decide-for.ts';
import { disclose, type DisclosedAnswer } from './disclose.ts';
import { readPage, readSingle, type Filter, type SharedRow } from './page-store.ts';
import { cursorContext } from './sharing-rules.ts';
import { ClassNotShared, CursorInvalid } from './sharing.ts';

/** Of which records, and through what. */
export interface Ask {
  readonly caller: Caller;
  readonly recordType: string;
  /** The version of the view that the caller asked for. */
  readonly view?: number | undefined;
  /** The fields to show, by their names or those of what holds them; all that the view has. */
  readonly fields?: readonly string[] | undefined;
  /** The type was named by the caller: one that it may not see is answered like one that is not. */
  readonly isNamed?: boolean;
  /** Throws where the caller may ask no more: its turn to read can be a while in coming. */
  readonly askAgain?: () => Promise<Caller>;
  /** The bench alone leaves the last line out, to measure what it costs. */
  readonly check?: OutgoingCheck;
}

/** Which records of a list, and from where on. */
export interface Page {
  readonly limit: number;
  readonly cursor: string | undefined;
  /** Of one customer, by its pairwise id. */
  readonly customer?: string | undefined;
  /** By the record's own date: from ≤ date < to. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * Shows a partner one page of its joint customers' records of a type, through its view, and writes
 * down that it did: decide, read, build, check, log; what comes back may be sent. Every page
 * decides anew; a record that is visible throughout a walk comes exactly once. What narrows the page
 * can name only what the view shows; everything else is refused in the same words (`param-invalid`).
 */
export async function shareRecords(tools: Tools, ask: Ask & Page): Promise<DisclosedAnswer> {
  return underType(tools, ask, async (type, decision) => {
    const view = narrowedFor(type, decision, ask.fields);
    const filter = filterOf(tools, ask, view);
    const filters = filtersOf(ask);
    const context = cursorContext({
      ...{ partnerId: ask.caller.partnerId, recordType: type.name, view: decision.view },
      ...{ purposes: ask.caller.purposes, fields: view.fields, filters },
    });
    const key = tools.settings.keys.cursor;
    const after = ask.cursor === undefined ? firstPosition : openCursor(key, context, ask.cursor);
    if (after === undefined)
      throw new Refusal(CursorInvalid, CursorInvalid.title, { field: 'cursor' });
    const recipientId = ask.caller.partnerId;
    const read = await readPage(tools.reader, view, {
      recipientId,
      services: decision.services,
      after,
      limit: ask.limit + 1,
      filter,
    });
    if (read.epoch !== decision.grant.epoch) return 'rights-changed';
    const rows = read.rows.slice(0, ask.limit);
    const last = read.rows.length > ask.limit ? rows.at(-1) : undefined;
    const next = last ? JSON.stringify(sealCursor(key, context, last.position)) : 'null';
    const frame = ['{"data":[', `],"next":${next}}`] as const;
    return answer(tools, ask, { decision, view, rows, frame, filters });
  });
}

/** Shows a partner one record. A foreign id and one that never existed are answered alike. */
export async function shareRecord(
  tools: Tools,
  ask: Ask & { id: string },
): Promise<DisclosedAnswer> {
  return underType(tools, ask, async (type, decision) => {
    const view = narrowedFor(type, decision, ask.fields);
    const recipientId = ask.caller.partnerId;
    const pairwise = pairwiseOf(tools.settings.keys.pairwise, recipientId);
    const recordId = pairwise.uuidOf(type.name, ask.id) ?? firstPosition;
    const read = await readSingle(tools.reader, view, {
      recipientId,
      services: decision.services,
      recordId,
    });
    if (read.epoch !== decision.grant.epoch) return 'rights-changed';
    if (read.rows.length === 0) throw new Refusal(NotFound);
    return answer(tools, ask, { decision, view, rows: read.rows, frame: undefined });
  });
}

/** Before every record of a list. */
export const firstPosition = '00000000-0000-0000-0000-000000000000';

/**
 * Decides on the type asked for. Where the caller named it, all that keeps its records from this
 * caller is told as if there were no such type; what keeps everything from it is told in any case.
 */
export async function underType<Answer extends object>(
  tools: Tools,
  {
    caller,
    recordType,
    view,
    isNamed = false,
  }: Pick<Ask, 'caller' | 'recordType' | 'view' | 'isNamed'>,
  answerWith: (type: RecordType, decision: Allowed) => Promise<Tried<Answer>>,
): Promise<Answer> {
  const type = catalogueOf(tools.settings).types.get(recordType);
  const asked = { caller, view, asked: type ? classesOf(type) : [] };
  try {
    return await underDecision(tools, asked, (decision) =>
      type ? answerWith(type, decision) : Promise.reject(new Refusal(NotFound)),
    );
  } catch (error) {
    const kind = error instanceof Refusal ? error.kind : undefined;
    if (isNamed && (kind === ClassNotShared || kind === ScopeInsufficient))
      throw new Refusal(NotFound);
    throw error;
  }
}

/** What narrows the page; refuses what the view does not show, before it can make a difference. */
export function filterOf(
  tools: Tools,
  ask: Pick<Ask, 'caller'> & Pick<Page, 'customer' | 'from' | 'to'>,
  view: CompiledView,
): Filter {
  const { customer, from, to } = ask;
  if (customer !== undefined && !view.isByCustomer) refuseHidden('customer');
  for (const [name, date] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (date === undefined) continue;
    if (view.datedBy === undefined) refuseHidden(name);
    if (view.datedBy !== (isDate(date) ? 'date' : 'instant'))
      refuseParameter(name, `must be ${forms[view.datedBy]}: so are these records dated`);
  }
  const pairwise = pairwiseOf(tools.settings.keys.pairwise, ask.caller.partnerId);
  return {
    ...(customer !== undefined && {
      customer: { id: customer, ...pairwise.positionsOf(customer) },
    }),
    ...((from !== undefined || to !== undefined) && { dates: { from, to } }),
  };
}

const forms = { date: 'a date (2026-01-31)', instant: 'an instant (2026-01-31T00:00:00Z)' };

/** What narrows the page, as the log keeps it; undefined where nothing does. */
export function filtersOf({
  customer,
  from,
  to,
}: Pick<Page, 'customer' | 'from' | 'to'>): PageFilters | undefined {
  if (customer === undefined && from === undefined && to === undefined) return undefined;
  return {
    ...(customer !== undefined && { customer }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

/** The bytes of the answer: encoded once, checked, logged, and only then handed on. */
async function answer(
  tools: Tools,
  { caller, askAgain, check = checkOutgoing }: Ask,
  made: {
    decision: Allowed;
    view: CompiledView;
    rows: readonly SharedRow[];
    /** What stands around the records of a page; a single record stands alone. */
    frame: readonly [string, string] | undefined;
    filters?: PageFilters | undefined;
  },
): Promise<Tried<DisclosedAnswer>> {
  const { decision, view, rows, frame, filters } = made;
  const subjects = rows.map((row): DisclosedSubject => ({
    number: row.subjectNumber,
    pairwiseId: row.subjectId,
    record: row.record,
  }));
  const body = joined(subjects, frame);
  const fault = check(body, frame ? pageOf(view.wire) : view.wire);
  if (fault !== undefined) throw new Error(`An answer was held back: ${fault}.`);
  await askAgain?.();
  return disclose(tools, {
    caller,
    decision,
    channel: 'pull',
    recordType: view.recordType,
    classes: view.classes,
    fields: view.isWhole ? null : view.fields,
    subjects,
    filters,
    body,
  });
}

const comma = Buffer.from(',');

function joined(
  subjects: readonly DisclosedSubject[],
  frame: readonly [string, string] | undefined,
): Buffer {
  const records = subjects.flatMap(({ record }, i) => (i === 0 ? [record] : [comma, record]));
  if (!frame) return Buffer.concat(records);
  return Buffer.concat([Buffer.from(frame[0]), ...records, Buffer.from(frame[1])]);
}

const pages = new WeakMap<Record<string, unknown>, Record<string, unknown>>();

/** The form of a page of records, from the form of one. */
export function pageOf(record: Record<string, unknown>): Record<string, unknown> {
  const known = pages.get(record);
  if (known) return known;
  const page = {
    type: 'object',
    additionalProperties: false,
    required: ['data', 'next'],
    properties: {
      data: { type: 'array', items: record },
      next: { anyOf: [{ type: 'null' }, { type: 'string' }] },
    },
  };
  pages.set(record, page);
  return page;
}
