import { catalogueOf } from '../src/catalogue/index.ts';
import type { ReadStatement } from '../src/platform/database.ts';
import type { Tools } from '../src/platform/tools.ts';
import { classesOf, compiledFor } from '../src/sharing/compiled-views.ts';
import { underDecision } from '../src/sharing/index.ts';
import { verifyToken } from '../src/tokens/index.ts';
import type { MeasuredPartner } from './world.ts';

/** What the gateway's reader sends for a page of this partner: for whom, and the statement. */
export interface SameSql {
  readonly recipientId: string;
  readonly statement: ReadStatement;
  /** The statement's $4: of which services; null for all. */
  readonly services: readonly string[] | null;
}

/** Pages start after a position drawn from these: the first eight of its 32 digits, as a number. */
export const starts = { lowest: 10_000_000, highest: 98_999_999 };

/** The other digits of the position that a page starts after. */
export const afterStart = '-0000-0000-0000-000000000000';

/**
 * The SQL of a page as the gateway itself decides and compiles it. Throws when the partner may not
 * read, or a page could be short.
 */
export async function sameSql(tools: Tools, { partner, token }: MeasuredPartner): Promise<SameSql> {
  const type = catalogueOf(tools.settings).types.get('customer');
  const verified = await verifyToken(tools, token);
  if (!type || !verified.isLive) throw new Error('The measured partner cannot read customers.');
  const { caller } = verified;
  const { rows } = await tools.db.raw<{ rows: unknown[] }>(
    `select position from joint_records
     where recipient_id = ? and record_type = ? and position > ? limit 101`,
    [partner.id, type.name, `${String(starts.highest)}${afterStart}`],
  );
  if (rows.length < 101) throw new Error('The last pages would be short.');
  return underDecision(tools, { caller, asked: classesOf(type) }, (decision) =>
    Promise.resolve({
      recipientId: partner.id,
      statement: compiledFor(type, decision).page,
      services: decision.services,
    }),
  );
}
