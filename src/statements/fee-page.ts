import { openCursor, sealCursor } from '../platform/cursor.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import type { DataClass } from '../policy/index.ts';
import { CursorInvalid, type Allowed } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';

/**
 * What is asked when fees are read. The scope `fees` carries the financial data of fee lines, and
 * only for the purpose `fees`: a token for other purposes alone reads no fees (P12).
 */
export function feeQuestion(caller: Caller): { caller: Caller; asked: readonly DataClass[] } {
  const purposes = caller.purposes.filter((purpose) => purpose === 'fees');
  const scopes = caller.scopes.includes('fees') ? (['financial'] as const) : [];
  return { caller: { ...caller, purposes, scopes }, asked: ['financial'] };
}

/** A list that is read in pages: whose, under which decision, and its name. */
export interface FeeList {
  readonly caller: Caller;
  readonly decision: Allowed;
  readonly list: string;
}

/** The position behind a cursor; undefined at the list's beginning. Refuses a cursor of another list. */
export function pageAfter(
  tools: Tools,
  list: FeeList,
  cursor: string | undefined,
): string | undefined {
  if (cursor === undefined) return undefined;
  const position = openCursor(tools.settings.keys.cursor, contextOf(list), cursor);
  if (position !== undefined) return position;
  throw new Refusal(CursorInvalid, CursorInvalid.title, { field: 'cursor' });
}

/** Whether a cursor goes on with this list. */
export function goesOnWith(tools: Tools, list: FeeList, cursor: string | undefined): boolean {
  const { cursor: key } = tools.settings.keys;
  return cursor !== undefined && openCursor(key, contextOf(list), cursor) !== undefined;
}

/** The cursor that goes on after a position; null where the list ends. */
export function nextOf(tools: Tools, list: FeeList, last: string | undefined): string | null {
  if (last === undefined) return null;
  return sealCursor(tools.settings.keys.cursor, contextOf(list), last);
}

function contextOf({ caller, decision, list }: FeeList): string[] {
  return [caller.partnerId, list, decision.view.digest];
}
