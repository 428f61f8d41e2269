import { shareOut } from '../bulkhead.ts';
import type { Endpoint } from './endpoint.ts';

interface OfPartner {
  readonly partnerId: string;
}

/**
 * Gives the same lines, of which one partner has at most so many at work at once in this process, all
 * tables together: more wait in a queue of its own, and beyond it are refused as `too-busy`; who has
 * waited must still be let in. So the
 * connections that they work on are never one partner's alone. A stream counts while it makes a
 * chunk, not while it is sent.
 */
export function shareLines(limits: { atOnce: number; waiting: number }): Share {
  const inTurn = shareOut(limits);
  return (lines) => lines.map((line) => shared(line, inTurn));
}

type Share = <Caller extends OfPartner>(
  lines: readonly Endpoint<Caller>[],
) => readonly Endpoint<Caller>[];

function shared<Caller extends OfPartner>(
  line: Endpoint<Caller>,
  inTurn: ReturnType<typeof shareOut>,
): Endpoint<Caller> {
  if (line.public) return line;
  const { does, streams } = line;
  return {
    ...line,
    does: (asked) =>
      inTurn(asked.caller.partnerId, async () =>
        does({ ...asked, caller: await asked.askAgain() }),
      ),
    ...(streams && {
      streams: (asked) =>
        eachInTurn(streams(asked), (next) => inTurn(asked.caller.partnerId, next)),
    }),
  } satisfies Endpoint<Caller>;
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
