import { fieldsRead, type TermsProof } from '../agreements/index.ts';
import { showsFields } from '../projection/index.ts';
import { latestView } from './lifecycle-rules.ts';
import { findViews } from './view-store.ts';

/**
 * Fee terms are published only where the partner's view shows every field that their formula reads,
 * so that it can compute its own fees again: each field that its latest view hides is a problem. An
 * agreement comes before the first view, which it bounds, and then there is nothing to prove yet.
 */
export const proveFee: TermsProof = async (db, partner, { fee }) => {
  const versions = fee ? await findViews(db, partner.id) : [];
  if (!fee || versions.length === 0) return [];
  const view = latestView(versions);
  if (!view) return [{ field: '/fee', detail: 'Every version of the partner’s view is over.' }];
  return Object.entries(fieldsRead(fee)).flatMap(([recordType, fields]) =>
    fields
      .filter((field) => !showsFields(view.document, recordType, [field]))
      .map((field) => ({
        field: '/fee',
        detail:
          `The formula reads ${field} of a ${recordType}, and version ${String(view.version)} of ` +
          'the partner’s view does not show it.',
      })),
  );
};
