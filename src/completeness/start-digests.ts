import { faultFacts } from '../platform/fault-facts.ts';
import type { Tools } from '../platform/tools.ts';
import { indexSubjects } from '../postings/index.ts';
import { digestDay } from './digest-day.ts';

const lookMs = 60_000;

/**
 * Keeps the subject index and the daily digests up to date: now, then once a minute, which writes
 * nothing but in the first minute of a UTC day, or after a failure. Answers a function that stops it
 * and waits for what is under way.
 */
export function startDigests(tools: Tools): () => Promise<void> {
  let isStopped = false;
  let running: Promise<void> | undefined;
  const look = () => {
    running ??= work(tools).finally(() => {
      running = undefined;
    });
  };
  const timer = setInterval(() => {
    if (!isStopped) look();
  }, lookMs).unref();
  look();
  return async () => {
    isStopped = true;
    clearInterval(timer);
    await running;
  };
}

async function work(tools: Tools): Promise<void> {
  try {
    const { written } = await digestDay(tools);
    if (written > 0) tools.log.info({ written }, 'daily digests were written');
    await indexSubjects(tools);
  } catch (error) {
    tools.log.error(
      faultFacts(error),
      'daily digests could not be written; trying again in a minute',
    );
  }
}
