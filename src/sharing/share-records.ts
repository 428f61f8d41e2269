import type { DisclosedSubject } from '../disclosures/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import { openCursor, sealCursor } from '../platform/cursor.ts';
import { NotFound, Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { catalogueOf, type RecordType } from '../catalogue/index.ts';
import { checkOutgoing, type OutgoingCheck } from '../records/index.ts';
import type { Caller } from '../tokens/index.ts';
import type { CompiledView } from '../views/index.ts';
import { classesOf, compiledFor } from './compiled-views.ts';
import { cursorContext } from './context-rules.ts';
import { underDecision, type Allowed, type Tried } from './decide-for.ts';
import { disclose, type DisclosedAnswer } from './disclose.ts';
import { readPage, readSingle, type SharedRow } from './page-store.ts';
import { CursorInvalid } from './sharing.ts';

interface Ask {
  readonly caller: Caller;
  readonly recordType: string;
  /** The version of the view that the caller asked for. */
  readonly view?: number | undefined;
  /** The bench alone leaves the last line out, to measure what it costs. */
  readonly check?: OutgoingCheck;
}

/**
 * Shows a partner one page of its joint customers' records of a type, through its view, and writes
 * down that it did: decide, read, build, check, log; what comes back may be sent. Every page
 * decides anew; a record that is visible throughout a walk comes exactly once.
 */
export async function shareRecords(
  tools: Tools,
  ask: Ask & { limit: number; cursor: string | undefined },
): Promise<DisclosedAnswer> {
  const type = typeOf(tools, ask.recordType);
  return underDecision(tools, { ...ask, asked: classesOf(type) }, async (decision) => {
    const view = compiledFor(type, decision);
    const context = cursorContext({
      ...{ partnerId: ask.caller.partnerId, recordType: type.name, view: decision.view },
      ...{ purposes: ask.caller.purposes, fields: view.fields, filters: {} },
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
    });
    if (read.epoch !== decision.grant.epoch) return 'rights-changed';
    const rows = read.rows.slice(0, ask.limit);
    const last = read.rows.length > ask.limit ? rows.at(-1) : undefined;
    const next = last ? JSON.stringify(sealCursor(key, context, last.position)) : 'null';
    return answer(tools, ask, { decision, view, rows, frame: ['{"data":[', `],"next":${next}}`] });
  });
}

/** Shows a partner one record. A foreign id and one that never existed are answered alike. */
export async function shareRecord(
  tools: Tools,
  ask: Ask & { id: string },
): Promise<DisclosedAnswer> {
  const type = typeOf(tools, ask.recordType);
  return underDecision(tools, { ...ask, asked: classesOf(type) }, async (decision) => {
    const view = compiledFor(type, decision);
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

/** The record type of a name, or the refusal that there is none. */
export function typeOf(tools: Tools, name: string): RecordType {
  const type = catalogueOf(tools.settings).types.get(name);
  if (!type) throw new Refusal(NotFound);
  return type;
}

/** The bytes of the answer: encoded once, checked, logged, and only then handed on. */
async function answer(
  tools: Tools,
  { caller, check = checkOutgoing }: Ask,
  made: {
    decision: Allowed;
    view: CompiledView;
    rows: readonly SharedRow[];
    /** What stands around the records of a page; a single record stands alone. */
    frame: readonly [string, string] | undefined;
  },
): Promise<Tried<DisclosedAnswer>> {
  const { decision, view, rows, frame } = made;
  const subjects = rows.map((row): DisclosedSubject => ({
    number: row.subjectNumber,
    pairwiseId: row.subjectId,
    record: row.record,
  }));
  const body = joined(subjects, frame);
  const fault = check(body, frame ? pageOf(view.wire) : view.wire);
  if (fault !== undefined) throw new Error(`An answer was held back: ${fault}.`);
  return disclose(tools, {
    caller,
    decision,
    channel: 'pull',
    recordType: view.recordType,
    classes: view.classes,
    fields: view.isWhole ? null : view.fields,
    subjects,
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

function pageOf(record: Record<string, unknown>): Record<string, unknown> {
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
