import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { raiseEpoch } from '../disclosures/index.ts';
import {
  agreementInForce,
  findAgreementVersions,
  lockPartner,
  type Partner,
} from '../partners/index.ts';
import { inTransaction, type Database, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { readPolicy } from '../policy/index.ts';
import { catalogueOf } from '../catalogue/index.ts';
import { spellOut } from './view-rules.ts';
import { findView, insertView } from './view-store.ts';
import { InvalidView, type View, type ViewDocument, type ViewProblem } from './view.ts';

/** Proves a draft of a partner's view without publishing it: the view spelt out, and every problem. */
export async function checkView(
  tools: Tools,
  { partner, draft }: { partner: Partner; draft: unknown },
): Promise<{ document: ViewDocument; problems: ViewProblem[] }> {
  return prove(tools, tools.db, { partner, draft });
}

/**
 * Publishes the next version of a partner's view, effective with the next answer. Refuses a view
 * that goes beyond the catalogue, the kind, the agreement in force or the policy, naming the place
 * and the promise; a field of class business in a referral partner's view breaks P14.
 */
export async function publishView(
  tools: Tools,
  { partner, draft }: { partner: Partner; draft: unknown },
): Promise<View> {
  return inTransaction(tools.db, async (tx) => {
    await lockPartner(tx, partner.id);
    const { document, problems } = await prove(tools, tx, { partner, draft });
    const problem = problems[0];
    if (problem) throw new Refusal(InvalidView, problem.detail, problem);
    const version = ((await findView(tx, partner.id))?.version ?? 0) + 1;
    const digest = createHash('sha256')
      .update(canonicalize(document) ?? '')
      .digest('hex');
    const view: View = { partnerId: partner.id, version, document, digest };
    await insertView(tx, view, tools.clock.now());
    await raiseEpoch(tx, [partner.id]);
    return view;
  });
}

async function prove(
  tools: Tools,
  db: Database | Transaction,
  { partner, draft }: { partner: Partner; draft: unknown },
): Promise<{ document: ViewDocument; problems: ViewProblem[] }> {
  const agreements = await findAgreementVersions(db, partner.id);
  return spellOut(draft, {
    catalogue: catalogueOf(tools.settings),
    policy: await readPolicy(db),
    kind: partner.kind,
    agreed: agreementInForce(agreements, tools.clock.now())?.terms.classes,
  });
}
