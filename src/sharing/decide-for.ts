import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import type { DataClass } from '../policy/index.ts';
import type { Caller } from '../tokens/index.ts';
import { forgetGrant, readGrant } from './read-grant.ts';
import { decideSharing } from './sharing-rules.ts';
import { RightsChanging, type Decision, type Grant } from './sharing.ts';

export type Allowed = Extract<Decision, { allowed: true }> & {
  readonly grant: Grant;
  /** Whether the grant was read for this very decision. */
  readonly isFresh: boolean;
};

/** Who asks for which classes, and through which version of its view if it says so. */
export interface Asked {
  readonly caller: Caller;
  readonly asked: readonly DataClass[];
  readonly view?: number | undefined;
}

/** What came of one try: an answer, or the rights were changed meanwhile. */
export type Tried<Answer> = Answer | 'rights-changed';

/**
 * Decides what a caller may see and makes the answer under that decision. Where rights were changed
 * before the answer stood in the log, it decides and reads again: three times, then 503. A denial
 * is given only on rights that were read just now.
 */
export async function underDecision<Answer extends object>(
  tools: Tools,
  question: Asked,
  answer: (decision: Allowed) => Promise<Tried<Answer>>,
): Promise<Answer> {
  for (let tries = 0; tries < 3; tries += 1) {
    const decision = await decideFor(tools, question);
    const tried = await unlessStale(decision, () => answer(decision));
    if (tried !== 'rights-changed') return tried;
    forgetGrant(tools, question.caller.partnerId);
  }
  throw new Refusal(RightsChanging, RightsChanging.title, { retryAfterSeconds: 1 });
}

/** A refusal that came of rights read earlier counts for nothing: it is found out on fresh ones. */
async function unlessStale<Answer>(
  { isFresh }: Allowed,
  answer: () => Promise<Tried<Answer>>,
): Promise<Tried<Answer>> {
  try {
    return await answer();
  } catch (error) {
    if (isFresh || !(error instanceof Refusal)) throw error;
    return 'rights-changed';
  }
}

/** Decides; refuses with the promise that denies. */
export async function decideFor(tools: Tools, { caller, asked, view }: Asked): Promise<Allowed> {
  const { partnerId, scopes, purposes } = caller;
  const decide = (grant: Grant): Decision =>
    decideSharing({
      grant,
      scopes,
      purposes,
      asked,
      view,
      now: tools.clock.now(),
    });
  let { grant, isFresh } = await readGrant(tools, partnerId);
  let decision = decide(grant);
  if (!decision.allowed && !isFresh) {
    forgetGrant(tools, partnerId);
    ({ grant, isFresh } = await readGrant(tools, partnerId));
    decision = decide(grant);
  }
  if (decision.allowed) return { ...decision, grant, isFresh };
  const { kind, detail, ...facts } = decision.because;
  throw new Refusal(kind, detail, facts);
}
