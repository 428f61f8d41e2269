import { shareOut } from '../bulkhead.ts';
import type { Endpoint } from './endpoint.ts';

interface OfPartner {
  readonly partnerId: string;
}

/**
 * The same lines, of which one partner has at most so many at work at once in this process, all
 * lines together: more wait in a queue of its own, and beyond it are refused as `too-busy`. So the
 * connections that they work on are never one partner's alone. A stream counts while it makes a
 * chunk, not while it is sent.
 */
export function shareLines<Caller extends OfPartner>(
  lines: readonly Endpoint<Caller>[],
  limits: { atOnce: number; waiting: number },
): readonly Endpoint<Caller>[] {
  const inTurn = shareOut(limits);
  return lines.map((line) => {
    if (line.public) return line;
    const { does, streams } = line;
    return {
      ...line,
      does: (asked) => inTurn(asked.caller.partnerId, () => does(asked)),
      ...(streams && {
        streams: (asked) =>
          eachInTurn(streams(asked), (next) => inTurn(asked.caller.partnerId, next)),
      }),
    } satisfies Endpoint<Caller>;
  });
}

async function* eachInTurn<Chunk>(
  chunks: AsyncIterable<Chunk>,
  turn: (next: () => Promise<IteratorResult<Chunk>>) => Promise<IteratorResult<Chunk>>,
): AsyncGenerator<Chunk, void, undefined> {
  const made = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await turn(() => made.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await made.return?.();
  }
}
