import { faultFacts } from '../platform/fault-facts.ts';
import type { Tools } from '../platform/tools.ts';
import { secondsToNextBeat } from './beat-rules.ts';
import { takeBeat } from './take-beat.ts';

/**
 * Takes the beats of the head log for as long as this process serves, the first at once. Every
 * process may: each beat gets one entry. A beat that fails is logged and left out; the next one
 * covers what it would have. Gives a function that stops and waits for the beat under way.
 */
export function startBeats(tools: Tools): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const beat = async (): Promise<void> => {
    try {
      await takeBeat(tools);
    } catch (error) {
      tools.log.error(faultFacts(error), 'the beat of the head log was not taken');
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
