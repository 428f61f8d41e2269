import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { raiseEpoch } from '../logs/index.ts';
import { agreementInForce, findAgreementVersions } from '../agreements/index.ts';
import { lockPartner, type Partner } from '../partners/index.ts';
import { inTransaction, type Database, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { readPolicy } from '../policy/index.ts';
import { catalogueOf } from '../catalogue/index.ts';
import { latestView } from './lifecycle-rules.ts';
import { spellOut } from './view-rules.ts';
import { findViews, insertRetirement, insertView } from './view-store.ts';
import { type ViewDocument } from '../projection/index.ts';
import { InvalidView, type View, type ViewProblem } from './view.ts';

/** Proves a draft of a partner's view without publishing it: the view spelt out, and every problem. */
export async function checkView(
  tools: Tools,
  {
    partner,
    draft,
    at = tools.clock.now(),
  }: {
    partner: Partner;
    draft: unknown;
    /** When it shall take effect: the agreement that is in force then bounds it. */
    at?: Date | undefined;
  },
): Promise<{ document: ViewDocument; problems: ViewProblem[] }> {
  return prove(tools, tools.db, { partner, draft, at });
}

/** What the next version of a partner's view shall be, from when on, and who says so. */
export interface NextView {
  readonly partner: Partner;
  readonly draft: unknown;
  /** From when on it is served; at once where nothing is said. */
  readonly effectiveAt?: Date | undefined;
  /** Until when the version before it stays served beside it; not at all where nothing is said. */
  readonly sunset?: Date | undefined;
  readonly actor?: string | undefined;
}

/**
 * Publishes the next version of a partner's view. Refuses a view that goes beyond the catalogue, the
 * kind, the agreement in force when it takes effect or the policy, naming the place and the promise;
 * a field of class business in a referral partner's view breaks P14. Refuses a moment in the past,
 * and a sunset that is not after it.
 */
export async function publishView(tools: Tools, next: NextView): Promise<View> {
  return inTransaction(tools.db, (tx) => publishViewIn(tx, tools, next));
}

/** The same inside a transaction of the caller's, so that an approval and its effect are one. */
export async function publishViewIn(
  tx: Transaction,
  tools: Tools,
  { partner, draft, effectiveAt, sunset, actor = 'operator' }: NextView,
): Promise<View> {
  await lockPartner(tx, partner.id);
  const now = tools.clock.now();
  const begin = effectiveAt ?? now;
  const { document, problems } = await prove(tools, tx, { partner, draft, at: begin });
  const problem = problems[0];
  if (problem) throw new Refusal(InvalidView, problem.detail, problem);
  const versions = await findViews(tx, partner.id);
  const before = latestView(versions);
  checkMoments({ now, begin, sunset, before });
  const view: View = {
    partnerId: partner.id,
    version: (versions.at(-1)?.version ?? 0) + 1,
    document,
    digest: createHash('sha256')
      .update(canonicalize(document) ?? '')
      .digest('hex'),
    publishedAt: now,
    effectiveAt: begin,
    actor,
    retirement: null,
  };
  await insertView(tx, view);
  // Said here and for good: taking the successor back gives nothing back.
  if (before) {
    const retirement = { retiresAt: sunset ?? begin, decidedAt: now, actor };
    await insertRetirement(tx, before, retirement);
  }
  await raiseEpoch(tx, [partner.id]);
  return view;
}

/** Refuses a beginning in the past, and a sunset that is not after it or has nothing before it. */
export function checkMoments(moments: {
  now: Date;
  begin: Date;
  sunset: Date | undefined;
  before: View | undefined;
}): void {
  const { now, begin, sunset, before } = moments;
  if (!(begin >= now)) {
    const detail = 'A view takes effect at once or at a moment to come.';
    throw new Refusal(InvalidView, detail, { field: 'effective' });
  }
  if (sunset === undefined) return;
  const field = 'sunset';
  if (!before) {
    const detail = 'No version is there before it that could stay served until a sunset.';
    throw new Refusal(InvalidView, detail, { field });
  }
  if (!(sunset > begin && sunset > before.effectiveAt)) {
    const detail = 'The version before it stays served until after the next takes effect.';
    throw new Refusal(InvalidView, detail, { field });
  }
}

async function prove(
  tools: Tools,
  db: Database | Transaction,
  { partner, draft, at }: { partner: Partner; draft: unknown; at: Date },
): Promise<{ document: ViewDocument; problems: ViewProblem[] }> {
  const agreements = await findAgreementVersions(db, partner.id);
  return spellOut(draft, {
    catalogue: catalogueOf(tools.settings),
    policy: await readPolicy(db),
    kind: partner.kind,
    agreed: agreementInForce(agreements, at)?.terms.classes ?? [],
  });
}
