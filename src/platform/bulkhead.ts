import { Refusal, type RefusalKind } from './refusal.ts';

export const TooBusy = {
  code: 'too-busy',
  status: 429,
  title: 'Too many requests of yours are at work at once. Ask again.',
} as const satisfies RefusalKind;

/** Work that waits its turn among that of its own key. */
type InTurn = <Answer>(key: string, work: () => Promise<Answer>) => Promise<Answer>;

interface Queue {
  atWork: number;
  readonly waiting: (() => void)[];
}

/**
 * Lets each key do so much at once and no more, so that one key's excess waits in a queue of its own;
 * when that is full as well, Refusal `too-busy`.
 */
export function shareOut({ atOnce, waiting }: { atOnce: number; waiting: number }): InTurn {
  const queues = new Map<string, Queue>();
  return async (key, work) => {
    const queue = queues.get(key) ?? { atWork: 0, waiting: [] };
    queues.set(key, queue);
    if (queue.atWork < atOnce) queue.atWork += 1;
    else if (queue.waiting.length < waiting) {
      // The one that ends hands its place on.
      await new Promise<void>((resolve) => queue.waiting.push(resolve));
    } else throw new Refusal(TooBusy, undefined, { retryAfterSeconds: 1 });
    try {
      return await work();
    } finally {
      const next = queue.waiting.shift();
      if (next) next();
      else {
        queue.atWork -= 1;
        if (queue.atWork === 0) queues.delete(key);
      }
    }
  };
}
