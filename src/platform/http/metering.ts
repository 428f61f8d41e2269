import type { Response } from 'express';
import type { StreamChunk } from './stream.ts';

/** What one call takes out of its caller's budget. */
export interface Use {
  /** What the answer tells of it, as it stands now. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** Takes so many records out of the budget before they are read; throws where it is used up. */
  readonly reserve: (records: number) => Promise<void>;
  /** Gives back what was reserved and not shown. */
  readonly settle: (shown: number) => Promise<void>;
}

/** Counts a call; undefined for a caller without a budget. Throws where it is used up. */
export type Metering<Caller> = (caller: Caller) => Promise<Use | undefined>;

/** No chunk of a stream has more records. */
const mostPerChunk = 1000;

export function tellUse(response: Response, use: Use | undefined): void {
  if (!use || response.headersSent) return;
  for (const [name, value] of Object.entries(use.headers())) response.setHeader(name, value);
}

/** Makes an answer of at most so many records within the budget. */
export async function withinBudget<Answer>(
  use: Use | undefined,
  most: number,
  { make, shownIn }: { make: () => Promise<Answer>; shownIn: (answer: Answer) => number },
): Promise<Answer> {
  if (!use || most === 0) return make();
  await use.reserve(most);
  let shown = 0;
  try {
    const answer = await make();
    shown = shownIn(answer);
    return answer;
  } finally {
    await use.settle(shown);
  }
}

/** The chunks as long as the budget has something left; the one that uses it up is sent whole. */
export async function* chunksWithinBudget(
  use: Use,
  response: Response,
  chunks: AsyncIterable<StreamChunk>,
): AsyncGenerator<StreamChunk, void, undefined> {
  const made = chunks[Symbol.asyncIterator]();
  try {
    for (let most = mostPerChunk; ;) {
      const next = await withinBudget(use, most, {
        make: () => made.next(),
        shownIn: ({ done, value }) => (done === true ? 0 : (value.records ?? 0)),
      });
      if (next.done === true) return;
      // After all records nothing is left to be counted.
      if (next.value.isLast === true) most = 0;
      tellUse(response, use);
      yield next.value;
    }
  } finally {
    await made.return?.();
  }
}
