import { faultFacts } from '../platform/fault-facts.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { refuseEntries } from '../logs/index.ts';
import { LogRollback } from '../renewals/index.ts';
import { secondsToNextBeat } from './beat-rules.ts';
import { runBeat } from './run-beat.ts';

/**
 * Takes the beats of the head log for as long as this process serves, the first at once. Every
 * process may: each beat gets one entry. A beat that fails is logged and left out; the next one
 * covers what it would have; but once the database is found behind what was published, nothing more is
 * disclosed until this process is started again. Gives a function that stops and waits for the beat under way.
 */
export function startBeats(tools: Tools): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const beat = async (): Promise<void> => {
    try {
      await runBeat(tools);
    } catch (error) {
      tools.log.error(faultFacts(error), 'the beat of the head log was not taken');
      if (error instanceof Refusal && error.kind === LogRollback) refuseEntries(tools);
    }
    if (isStopped) return;
    const seconds = secondsToNextBeat(tools.clock.now(), tools.settings.beatSeconds);
    timer = setTimeout(() => {
      running = beat();
    }, seconds * 1000);
    timer.unref();
  };
  let running = beat();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await running;
  };
}
