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

/** The SQL of a page as the gateway itself decides and compiles it. Throws when it may not read. */
export async function sameSql(tools: Tools, { partner, token }: MeasuredPartner): Promise<SameSql> {
  const type = catalogueOf(tools.settings).types.get('customer');
  const verified = await verifyToken(tools, token);
  if (!type || !verified.isLive) throw new Error('The measured partner cannot read customers.');
  const { caller } = verified;
  return underDecision(tools, { caller, asked: classesOf(type) }, (decision) =>
    Promise.resolve({
      recipientId: partner.id,
      statement: compiledFor(type, decision).page,
      services: decision.services,
    }),
  );
}
