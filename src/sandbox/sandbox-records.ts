import { pairwiseOf } from '../joint/index.ts';
import { openCursor, sealCursor } from '../platform/cursor.ts';
import { NotFound, Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { narrowType } from '../projection/index.ts';
import {
  cursorContext,
  CursorInvalid,
  filterOf,
  narrowedFor,
  underType,
  type Allowed,
} from '../sharing/index.ts';
import type { RecordType } from '../catalogue/index.ts';
import type { Caller } from '../tokens/index.ts';
import { versionHeaders } from '../views/index.ts';
import { madeUp, madeUpCustomers, type Making, type Shape } from './made-up-rules.ts';

/** Of which made-up records, and through what: as a real client asks. */
export interface SandboxAsk {
  readonly caller: Caller;
  readonly recordType: string;
  readonly isNamed: boolean;
  readonly view?: number | undefined;
  readonly fields?: readonly string[] | undefined;
  readonly customer?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

interface Made {
  readonly headers: Readonly<Record<string, string>>;
  readonly records: readonly Readonly<Record<string, unknown>>[];
  readonly context: readonly string[];
}

/**
 * Made-up records of a type, in the form that the caller's view, agreement and token give real ones,
 * and refused where real ones are. No record that is held is read for it, and nothing is disclosed.
 */
export async function sandboxRecords(tools: Tools, ask: SandboxAsk): Promise<Made> {
  return underType(tools, ask, (type, decision) => Promise.resolve(made(tools, ask, type, decision))); // prettier-ignore
}

function made(tools: Tools, ask: SandboxAsk, type: RecordType, decision: Allowed): Made {
  const { customer, from, to } = ask;
  const view = narrowedFor(type, decision, ask.fields);
  filterOf(tools, ask, view);
  const shown = narrowType(decision.view.document, type, { classes: view.classes, fields: view.fields }); // prettier-ignore
  const pairwise = pairwiseOf(tools.settings.keys.pairwise, ask.caller.partnerId);
  const nobody = '00000000-0000-0000-0000-000000000000';
  const prefixOf = (recordType: string) => pairwise.idOf(recordType, nobody).slice(0, 3);
  const isCustomer = type.name === 'customer';
  const count = isCustomer ? madeUpCustomers : 2 * madeUpCustomers;
  const making = (n: number): Making => ({ n, name: type.name, prefixOf });
  // The whole type is made, so that filters see what the fields asked for leave out.
  const records = Array.from({ length: count }, (_, n) => ({
    whole: madeUp(type.schema as Shape, making(n)) as Readonly<Record<string, unknown>>,
    shown: madeUp((shown?.schema ?? {}) as Shape, making(n)) as Readonly<Record<string, unknown>>,
  }));
  const dated = type.datedBy?.member;
  const kept = records.filter(({ whole }) => {
    const date = String(dated === undefined ? '' : whole[dated]);
    const owner = isCustomer ? whole['id'] : whole['customer'];
    if (customer !== undefined && owner !== customer) return false;
    if (from !== undefined && momentOf(date) < momentOf(from)) return false;
    return to === undefined || momentOf(date) < momentOf(to);
  });
  const filters = { ...(customer !== undefined && { customer }), ...(from !== undefined && { from }), ...(to !== undefined && { to }) }; // prettier-ignore
  const context = cursorContext({
    ...{ partnerId: ask.caller.partnerId, recordType: type.name, view: decision.view },
    ...{ purposes: ask.caller.purposes, fields: view.fields, filters },
  });
  return {
    headers: versionHeaders(decision.view, decision.grant.views),
    records: kept.map(({ shown: one }) => one),
    context: ['sandbox', ...context],
  };
}

/** A date or an instant as one number, to be compared. */
const momentOf = (text: string) => Date.parse(text);

/** A page of made-up records, by cursors as real ones. */
export async function sandboxPage(
  tools: Tools,
  ask: SandboxAsk & { readonly limit: number; readonly cursor: string | undefined },
): Promise<{ readonly headers: Made['headers']; readonly body: object }> {
  const { headers, records, context } = await sandboxRecords(tools, ask);
  const key = tools.settings.keys.cursor;
  const after = ask.cursor === undefined ? placeOf(0) : openCursor(key, context, ask.cursor);
  if (after === undefined) throw new Refusal(CursorInvalid, CursorInvalid.title, { field: 'cursor' }); // prettier-ignore
  const start = Number(after.slice(-12));
  const end = start + ask.limit;
  const next = end < records.length ? sealCursor(key, context, placeOf(end)) : null;
  return { headers, body: { data: records.slice(start, end), next } };
}

const placeOf = (n: number) => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;

/** One made-up record by its id; refuses any other as one that never existed. */
export async function sandboxRecord(
  tools: Tools,
  ask: SandboxAsk & { readonly id: string },
): Promise<{ readonly headers: Made['headers']; readonly body: object }> {
  const { headers, records } = await sandboxRecords(tools, ask);
  const body = records.find((one) => one['id'] === ask.id);
  if (!body) throw new Refusal(NotFound);
  return { headers, body };
}
