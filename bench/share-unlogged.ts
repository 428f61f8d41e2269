import { openCursor, sealCursor } from '../src/platform/cursor.ts';
import type { Tools } from '../src/platform/tools.ts';
import { catalogueOf } from '../src/catalogue/index.ts';
import { classesOf, compiledFor } from '../src/sharing/compiled-views.ts';
import {
  CursorInvalid,
  cursorContext,
  pageOf,
  underDecision,
  type DisclosedAnswer,
} from '../src/sharing/index.ts';
import type { OutgoingCheck } from '../src/records/index.ts';
import { readPage } from '../src/sharing/page-store.ts';
import { Refusal } from '../src/platform/refusal.ts';
import type { Caller } from '../src/tokens/index.ts';

/**
 * The page as `shareRecords` gives it, but nobody writes it down: no subject list, no hash, no entry.
 * It exists in the bench alone, to measure what the log costs.
 */
export async function shareUnlogged(
  tools: Tools,
  ask: {
    caller: Caller;
    recordType: string;
    limit: number;
    cursor: string | undefined;
    check: OutgoingCheck;
  },
): Promise<DisclosedAnswer> {
  const { caller, limit } = ask;
  const type = catalogueOf(tools.settings).types.get(ask.recordType);
  if (!type) throw new Error('The catalogue has no such type.');
  return underDecision(tools, { caller, asked: classesOf(type) }, async (decision) => {
    const view = compiledFor(type, decision);
    const recipientId = caller.partnerId;
    const context = cursorContext({
      ...{ partnerId: recipientId, recordType: type.name, view: decision.view },
      ...{ purposes: caller.purposes, fields: view.fields },
    });
    const key = tools.settings.keys.cursor;
    const after = ask.cursor === undefined ? first : openCursor(key, context, ask.cursor);
    if (after === undefined) throw new Refusal(CursorInvalid);
    const { services } = decision;
    const page = { recipientId, after, limit: limit + 1, services };
    const read = await readPage(tools.reader, view, page);
    if (read.epoch !== decision.grant.epoch) return 'rights-changed';
    const rows = read.rows.slice(0, limit);
    const last = read.rows.length > limit ? rows.at(-1) : undefined;
    const next = last ? JSON.stringify(sealCursor(key, context, last.position)) : 'null';
    const records = rows.map(({ record }) => record).join(',');
    const body = Buffer.from(`{"data":[${records}],"next":${next}}`);
    const fault = ask.check(body, pageOf(view.wire));
    if (fault !== undefined) throw new Error(`An answer was held back: ${fault}.`);
    return { body, headers: {}, records: rows.length, receipt: { disclosure: '', salt: '' } };
  });
}

const first = '00000000-0000-0000-0000-000000000000';
