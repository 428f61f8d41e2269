import { faultFacts } from '../platform/fault-facts.ts';
import type { Tools } from '../platform/tools.ts';
import { makeMissingPartitions } from './archive-store.ts';

/** Makes the log's partitions for this month and the three after it; gives how many are new. */
export function makePartitions({ db }: Pick<Tools, 'db'>): Promise<number> {
  return makeMissingPartitions(db);
}

const daily = 24 * 60 * 60 * 1000;

/**
 * The same at once and each day, for as long as this process serves. One that fails is logged and
 * tried again the next day: no entry waits for it. Gives a function that stops and waits.
 */
export function startPartitions(tools: Tools): () => Promise<void> {
  const make = async (): Promise<void> => {
    try {
      const made = await makePartitions(tools);
      if (made > 0) tools.log.info({ made }, 'partitions of the log were made');
    } catch (error) {
      tools.log.error(faultFacts(error), 'partitions of the log were not made');
    }
  };
  let running = make();
  const timer = setInterval(() => {
    running = make();
  }, daily);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
