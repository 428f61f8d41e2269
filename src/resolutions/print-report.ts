import { ClaimForgotten, findClaim, linesOf } from '../claims/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { drawReport } from './draw-report.ts';
import type { ShownClaim } from './list-claims.ts';
import { csvReport } from './report-rules.ts';

export const reportFormats = ['csv', 'pdf'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/**
 * A claim beside our statement on paper, for finance: nothing is hidden, and ours with the
 * differences is theirs. Refuses `claim-forgotten`.
 */
export async function printReport(
  { db, settings }: Pick<Tools, 'db' | 'settings'>,
  { claim: shown, format }: { claim: ShownClaim; format: ReportFormat },
): Promise<Buffer> {
  const { claim, reconciliation } = shown;
  const content = (await findClaim(db, claim))?.content;
  if (!reconciliation || !content) throw new Refusal(ClaimForgotten);
  const reported = {
    ...{ currency: claim.currency, rows: reconciliation.rows },
    lines: linesOf({ ...claim, content }),
    pairwise: pairwiseOf(settings.keys.pairwise, claim.partnerId),
  };
  if (format === 'csv') return Buffer.from(csvReport(reported));
  const letterhead = settings.letterhead ?? [settings.origin];
  return drawReport({ ...reported, letterhead, shown, reconciliation });
}
