import { Refusal, type RefusalKind } from '../refusal.ts';

export const EmbeddedUnfit: RefusalKind = {
  code: 'embedded-database-unfit',
  status: 503,
  title: 'The embedded database can’t run here.',
};

/** The machine or the data folder is not as the embedded database needs it: somebody must mend it. */
export function unfit(detail: string, cause?: unknown): Refusal {
  return Object.assign(new Refusal(EmbeddedUnfit, detail), { cause });
}
