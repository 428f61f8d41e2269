import { findEntries, findEntry } from '../archive/index.ts';
import { findHead, findHeads, isEvent, type LoggedEntry } from '../logs/index.ts';
import { NotFound } from '../platform/http/kinds.ts';
import { refuseParameter } from '../platform/http/query.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { disclosureId, entryIdOf } from '../transparency/index.ts';
import { UnknownDisclosure } from './disclosure.ts';
import { saltOf } from './entry-rules.ts';

/** An entry and what opens it. */
export interface LoggedDisclosure {
  readonly id: string;
  readonly index: number;
  /** Canonical JSON: the bytes that were hashed. */
  readonly entry: string;
  /** Base64url. */
  readonly leafHash: string;
  /** Salt 0 in base64url: it opens the entry's payload hash. Null once anybody of the body is erased. */
  readonly salt: string | null;
}

/**
 * The recipient's own disclosures, newest last, after the one that `cursor` names; `next` is null
 * at the end. A page is shorter than its limit where the log says something of itself. Refuses a cursor that is not of this recipient's log as `param-invalid`.
 */
export async function listDisclosures(
  tools: Pick<Tools, 'db' | 'settings'>,
  {
    recipientId,
    limit,
    cursor,
  }: { recipientId: string; limit: number; cursor?: string | undefined },
): Promise<{ disclosures: readonly LoggedDisclosure[]; next: string | null }> {
  const last = cursor === undefined ? undefined : await findById(tools, recipientId, cursor);
  if (cursor !== undefined && !last) {
    refuseParameter('cursor', 'must be the `next` of an earlier answer');
  }
  const from = last ? last.index + 1 : 0;
  const entries = await findEntries(tools, recipientId, { from, to: from + limit });
  const end = entries.at(-1);
  const size = (await findHead(tools.db, recipientId))?.size ?? 0;
  const next = end && end.index + 1 < size ? disclosureId(end.entryId) : null;
  const disclosures = entries.filter(({ entry }) => !isEvent(entry)).map(disclosureOf);
  return { disclosures, next };
}

/** One disclosure to this recipient. One of another recipient is `not-found`, as is an unknown one. */
export async function readDisclosure(
  tools: Pick<Tools, 'db' | 'settings'>,
  { recipientId, id }: { recipientId: string; id: string },
): Promise<LoggedDisclosure> {
  const entry = await findById(tools, recipientId, id);
  if (!entry) throw new Refusal(NotFound);
  return disclosureOf(entry);
}

/** Whose log holds this disclosure; for the operator's own use. Throws Refusal `unknown-disclosure`. */
export async function findDisclosureOwner(
  tools: Pick<Tools, 'db' | 'settings'>,
  id: string,
): Promise<string> {
  for (const { recipientId } of await findHeads(tools.db)) {
    if (await findById(tools, recipientId, id)) return recipientId;
  }
  throw new Refusal(UnknownDisclosure);
}

async function findById(tools: Pick<Tools, 'db' | 'settings'>, recipientId: string, id: string) {
  const entryId = entryIdOf(id);
  return entryId === undefined ? undefined : findEntry(tools, recipientId, entryId);
}

function disclosureOf(entry: LoggedEntry): LoggedDisclosure {
  return {
    id: disclosureId(entry.entryId),
    index: entry.index,
    entry: entry.entry,
    leafHash: entry.leafHash.toString('base64url'),
    salt: saltOf(entry, 0)?.toString('base64url') ?? null,
  };
}
