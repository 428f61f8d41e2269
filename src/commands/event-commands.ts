import { InvalidArgumentError, Option, type Command } from 'commander';
import { Refusal } from '../platform/refusal.ts';
import {
  countEventStates,
  eventStates,
  listEvents,
  NoStripe,
  retryEvents,
  retryOne,
  showEvent,
  type EventState,
  type ProcessorEvent,
} from '../processors/index.ts';
import type { Tools } from '../platform/tools.ts';
import { openStripe, type Stripe } from '../stripe/index.ts';
import { printRows, printValue, say, withTools, type Printing } from './frame.ts';

/** `sluice events …`: what payment processors said, and what became of it. */
export function addEventCommands(program: Command): void {
  const events = program
    .command('events')
    .description('payment events: list and show them, and try again what made no record')
    .addHelpText('after', '\nExample:\n  sluice events list --state waiting');
  addList(events);
  addShow(events);
  addRetry(events);
}

function addList(events: Command): void {
  events
    .command('list')
    .description('list payment events, the latest first, and count them by what became of them')
    .addOption(new Option('--state <state>', 'only those').choices(eventStates))
    .option('--limit <number>', 'so many at most', wholeCount, 100)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice events list --state rejected --limit 20')
    .action(async (options: Printing & { state?: EventState; limit: number }) => {
      await withTools(async (tools) => {
        const { state, limit } = options;
        const found = await listEvents(tools, { state, limit });
        printRows(found.map(rowOf), { ...options, none: 'No payment event.' });
        const counts = Object.entries(await countEventStates(tools));
        if (!options.json) say(`${counts.map(([name, count]) => `${name} ${String(count)}`).join(', ')}.`); // prettier-ignore
      });
    });
}

function addShow(events: Command): void {
  events
    .command('show')
    .description('show a payment event with the records that it made')
    .argument('<event>', 'its id: "evt_1…"')
    .addHelpText('after', '\nExample:\n  sluice events show evt_1TQr9vKz2')
    .action(async (eventId: string) => {
      await withTools(async (tools) => {
        const { recordKeys, ...event } = await showEvent(tools, { eventId });
        printValue({ ...rowOf({ ...event, recordKeys }), records: recordKeys });
      });
    });
}

function addRetry(events: Command): void {
  events
    .command('retry')
    .description('read again what waits or was rejected, or one event, with the mapping of now')
    .argument('[event]', 'this event only')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice events retry')
    .action(async (eventId: string | undefined, options: Printing) => {
      await withTools(async (tools) => {
        const stripe = openStripe(tools.settings);
        if (!stripe) throw new Refusal(NoStripe);
        const changed =
          eventId === undefined
            ? await retryAll(tools, stripe)
            : await retryOne(tools, stripe, { eventId });
        printRows(changed.map(rowOf), { ...options, none: 'Nothing changed.' });
      });
    });
}

async function retryAll(tools: Tools, stripe: Stripe): Promise<readonly ProcessorEvent[]> {
  const all: ProcessorEvent[] = [];
  for (let after: string | null = ''; after !== null;) {
    const { changed, next }: Awaited<ReturnType<typeof retryEvents>> = await retryEvents(tools, stripe, { after, limit: 200 }); // prettier-ignore
    all.push(...changed);
    after = next;
  }
  return all;
}

function rowOf({ eventId, type, occurredAt, state, reason, recordKeys }: ProcessorEvent) {
  return {
    event: eventId,
    type,
    occurred: occurredAt.toISOString(),
    state,
    reason: reason ?? '',
    records: recordKeys.length,
  };
}

function wholeCount(text: string): number {
  const count = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= 1000) return count;
  throw new InvalidArgumentError('It must be a whole number, 1 to 1000.');
}
