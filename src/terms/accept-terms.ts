import { bookPartnerStatus, lockPartner, UnknownPartner } from '../partners/index.ts';
import type { PartnerId } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import { isPrintable } from '../platform/printable.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { termsInForce } from './terms-rules.ts';
import { findTermsVersions, insertTermsAcceptance } from './terms-store.ts';
import { InvalidTerms, TermsAccepted, UnknownTerms, type TermsAcceptance } from './terms.ts';

/**
 * Records that a partner accepted a version of the terms: the one in force, or one announced before it
 * takes effect. With it an invited partner becomes active; tokens it gets once that version is in
 * force (P04). Refusals: `unknown-partner`, `unknown-terms`, `terms-accepted`, `invalid-terms`.
 */
export async function acceptTerms(
  { db, clock }: Tools,
  accepting: {
    readonly partnerId: PartnerId;
    /** The one in force where nothing is said. */
    readonly version?: string | undefined;
    /** The person who accepted for the partner. */
    readonly by: string;
    /** What shows it: a signed paper, a message. */
    readonly evidence: string;
    readonly actor: string;
  },
): Promise<TermsAcceptance> {
  const { partnerId, by, evidence, actor } = accepting;
  checkText('by', by, 200);
  checkText('evidence', evidence, 1000);
  const now = clock.now();
  return inTransaction(db, async (tx) => {
    const partner = await lockPartner(tx, partnerId);
    if (!partner) throw new Refusal(UnknownPartner);
    if (partner.status === 'retired') {
      throw new Refusal(InvalidTerms, 'The partner is retired: it accepts no more terms.');
    }
    const versions = await findTermsVersions(tx);
    const inForce = termsInForce(versions, now);
    const wanted = accepting.version ?? inForce?.version;
    const one = versions.find(({ version }) => version === wanted);
    if (!one) {
      const detail = accepting.version === undefined ? 'No terms are in force yet.' : undefined;
      throw new Refusal(UnknownTerms, detail);
    }
    if (inForce && one.effectiveAt < inForce.effectiveAt) {
      throw new Refusal(InvalidTerms, `Version ${one.version} is over: ${inForce.version} is in force.`); // prettier-ignore
    }
    const said = { version: one.version, acceptedBy: by, evidence, acceptedAt: now, actor };
    if (!(await insertTermsAcceptance(tx, partnerId, said))) throw new Refusal(TermsAccepted);
    if (partner.status === 'invited') {
      const reason = `accepted terms ${one.version}`;
      await bookPartnerStatus(tx, { partnerId, status: 'active', bookedAt: now, actor, reason });
    }
    return said;
  });
}

function checkText(field: string, text: string, most: number): void {
  if (isPrintable(text, most)) return;
  const detail = `It is 1 to ${String(most)} printable characters.`;
  throw new Refusal(InvalidTerms, detail, { field });
}
