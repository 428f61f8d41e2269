import type { RefusalKind } from '../platform/refusal.ts';
import type { ClosedStatement, StatementDocument } from '../settlements/index.ts';

export const paperFormats = ['json', 'csv', 'pdf'] as const;
export type PaperFormat = (typeof paperFormats)[number];

/** A line of a closed statement as it may be shown: with the records behind it, or without. */
export interface PaperLine {
  readonly id: string;
  readonly reason: string;
  readonly amount: { readonly amount: number; readonly currency: string };
  readonly adjustment?: string;
  readonly month?: string;
  readonly availableOn?: string;
  readonly customer?: string;
  readonly service?: string;
  readonly payment?: string;
  readonly refund?: string;
  readonly reverses?: string;
  readonly base?: { readonly amount: number; readonly currency: string };
  readonly ratePercent?: string | null;
  readonly rounding?: string;
  readonly agreementVersion?: number;
  /** Of what was agreed because of one. */
  readonly claim?: string;
  /** Of a line that may be shown no more: the hash of its text. */
  readonly sha256?: string;
}

/** A statement as it is put on paper, without its lines. */
export interface Paper {
  /** The operator's name and address. */
  readonly letterhead: readonly string[];
  readonly document: StatementDocument;
  readonly status: ClosedStatement['status'];
  /** In hexadecimal. */
  readonly sha256: string;
  readonly paymentReference: string | null;
  /** Its way to payment so far. */
  readonly steps: readonly Step[];
}

/** That it was closed, approved or paid: when, and on the operator's own copy by whom. */
export interface Step {
  readonly what: 'Closed' | 'Approved' | 'Paid';
  readonly at: Date;
  readonly by: string | null;
}

/** The operator's own copy names its people; a partner's tells when alone. */
export function paperOf(
  letterhead: readonly string[],
  statement: ClosedStatement,
  { namesPeople = false } = {},
): Paper {
  const { closedBy, closedAt, approved, paid } = statement;
  const step = (what: Step['what'], at: Date, { name }: { name: string }): Step => {
    return { what, at, by: namesPeople ? name : null };
  };
  return {
    steps: [
      step('Closed', closedAt, closedBy),
      ...(approved ? [step('Approved', approved.at, approved.by)] : []),
      ...(paid ? [step('Paid', paid.at, paid.by)] : []),
    ],
    letterhead,
    document: JSON.parse(statement.document.toString()) as StatementDocument,
    status: statement.status,
    sha256: statement.sha256.toString('hex'),
    paymentReference: statement.paid?.reference ?? null,
  };
}

/** How many lines one paper has at most; the JSON of longer statements is read in pages. */
export const longestPaper = 10_000;

export const PaperTooLong = {
  code: 'statement-too-long',
  status: 422,
  title: 'The statement has more than 10,000 lines: read it as JSON, page by page.',
} as const satisfies RefusalKind;
