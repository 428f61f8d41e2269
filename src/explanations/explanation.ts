import type { RefusalKind } from '../platform/refusal.ts';
import type { PromiseId } from '../policy/index.ts';

/** What has a say in whether a field is shown, in the order in which it is asked. */
export const parts = [
  'partner',
  'policy',
  'agreement',
  'view',
  'choice',
  'relationship',
  'records',
] as const;
export type Part = (typeof parts)[number];

/** What one part said. Only keys, names of fields, and dates: never a value. */
export interface Step {
  readonly part: Part;
  readonly allowed: boolean;
  /** The promise that denies; null where it allows, or where nothing is held that could be shown. */
  readonly promise: PromiseId | null;
  readonly detail: string;
}

/** Whether a field is shown. The first step that denies decides; what it bars is not looked at. */
export interface FieldDecision {
  readonly allowed: boolean;
  /** The promises relied on, or the one that denies. */
  readonly promises: readonly PromiseId[];
  readonly because: string;
  readonly steps: readonly Step[];
  /** Keys of the records that show the field; of business types none is told. */
  readonly records: readonly string[];
}

/** The answer to "why": plain JSON, as schemas/explanations/explain-sharing.gives.json has it. */
export interface Explanation extends FieldDecision {
  readonly partner: string;
  readonly customer: string;
  /** "invoice.total.amount" */
  readonly field: string;
  /** RFC 3339. */
  readonly at: string;
  /** How many further records show it. */
  readonly more: number;
}

export const UnknownField = {
  code: 'unknown-field',
  status: 404,
  title: 'The catalogue has no such field.',
} as const satisfies RefusalKind;

export const InvalidMoment = {
  code: 'invalid-moment',
  status: 422,
  title: 'This is no moment that can be asked about.',
} as const satisfies RefusalKind;

export const NotOfRecords = {
  code: 'not-of-records',
  status: 422,
  title: 'Only a disclosure of records can be made again.',
} as const satisfies RefusalKind;
