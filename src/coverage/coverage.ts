import type { PromiseId } from '../policy/index.ts';

/** What a policy document must say, or else a promise has lost its rule. */
export type RuleClaim =
  | { readonly at: string; readonly is: unknown }
  | { readonly at: string; readonly has: unknown }
  | { readonly class: string; readonly kinds: readonly string[] }
  | { readonly class: string; readonly purposes: readonly string[] };

/** What a file must hold, outside its comments, or else a promise has lost its code. */
export interface CodeClaim {
  readonly file: string;
  readonly has: string;
}

/** How a promise is kept, in a sentence, and by what: schemas/promises/controls.json. */
export interface Control {
  readonly control: string;
  readonly rules: readonly RuleClaim[];
  readonly code: readonly CodeClaim[];
}

export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** Everything that coverage is judged by. */
export interface CoverageSources {
  /** Every version of the policy, as its file says it. */
  readonly policies: readonly unknown[];
  readonly controls: Readonly<Record<string, Control>>;
  /** Promises of what is not built yet, each with what is missing. */
  readonly open: Readonly<Record<string, string>>;
  /** For each promise how many tests of which file prove it: one that is gone is missed. */
  readonly proofs: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Sources, migrations and schemas; not the policy itself. */
  readonly code: readonly SourceFile[];
  readonly tests: readonly SourceFile[];
}

export interface Proof {
  readonly file: string;
  readonly title: string;
}

/** How one promise stands. */
export interface PromiseCoverage {
  readonly promise: PromiseId;
  readonly title: string;
  readonly standing: 'kept' | 'open' | 'gap';
  readonly control: string;
  /** The rules of the policy document that it rests on, in words. */
  readonly rules: readonly string[];
  /** The code that it rests on, "file: what stands there". */
  readonly code: readonly string[];
  /** Files whose text names it. */
  readonly named: readonly string[];
  readonly tests: readonly Proof[];
  /** Why it is a gap, or what an open one waits for. */
  readonly missing: readonly string[];
}
