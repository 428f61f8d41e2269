import fc from 'fast-check';
import { partnerKinds, type PartnerKind } from '../../src/policy/index.ts';
import { act, hiddenChange, hide, settle, sharedActs, sights } from './hidden-changes.ts';
import type { HiddenChange, SharedAct, Sight } from './hidden-changes.ts';
import {
  isListed,
  isOperators,
  knownRoutes,
  learn,
  remember,
  requestOf,
  scripts,
} from './script.ts';
import type { Step } from './script.ts';
import { noon } from '../support/house.ts';
import type { Asked, Heard, World } from './worlds.ts';

/** Two worlds that differ in the hidden changes alone, and what the partner asks of both. */
export interface Pair {
  readonly kind: PartnerKind;
  readonly sight: Sight;
  readonly hidden: readonly { readonly at: number; readonly change: HiddenChange }[];
  readonly shared: readonly { readonly at: number; readonly act: SharedAct }[];
  readonly script: readonly Step[];
}

/** Before anything is asked (0), between requests, and after the last (1000). */
const moment = fc.oneof(fc.constant(0), fc.nat(1000));

export const pairs: fc.Arbitrary<Pair> = fc.record({
  kind: fc.constantFrom(...partnerKinds, 'referral'),
  sight: fc.constantFrom(...sights),
  hidden: fc.array(fc.record({ at: moment, change: hiddenChange }), {
    minLength: 1,
    maxLength: 9,
    size: 'max',
  }),
  shared: fc
    .tuple(
      fc.uniqueArray(fc.record({ at: moment, act: fc.constantFrom<SharedAct>(...sharedActs) }), {
        maxLength: 2,
        selector: ({ act: what }) => what,
      }),
      moment,
    )
    .map(([acts, at]) => [...acts, { at, act: 'beat' as const }]),
  script: scripts(knownRoutes),
});

/** What the partner heard in one world and not in the other. */
export interface Difference {
  readonly asked: string;
  readonly plain: string;
  readonly changed: string;
}

/**
 * Settles a partner in both worlds, changes one of them in secret and asks both the same. Returns
 * the first answer that differs in any byte but the date; undefined when there is none. `number`
 * tells pairs in the same worlds apart: what earlier ones left is other partners' data. `shown` is
 * no hidden change: it happens in the changed world alone, to see that it does not go unnoticed.
 */
export async function differenceIn(
  worlds: readonly [World, World],
  number: number,
  pair: Pair,
  shown?: SharedAct,
): Promise<Difference | undefined> {
  const [plain, changed] = worlds;
  const inBoth = async <Result>(step: string, run: (world: World) => Promise<Result>) =>
    Promise.all(
      worlds.map((world) => {
        world.begin(`${String(number)} ${step}`);
        return run(world);
      }),
    ) as Promise<[Result, Result]>;
  // Each pair is in a minute of its own, so that each has a beat of the head log.
  for (const { clock } of worlds) clock.set(new Date(noon.getTime() + number * 60_000));
  const [party, twin] = await inBoth('settle', (world) => settle(world, number, pair));
  alike([party.bright, twin.bright]);
  const [known] = await inBoth('tokens', (world) => learn(world, party));
  if (shown) await act(changed, party, shown);

  const hiddenAt = inOrder(pair.hidden);
  const sharedAt = inOrder(pair.shared);
  let serial = 0;
  const happenUntil = async (at: number): Promise<void> => {
    for (const { act: what } of sharedAt(at)) {
      await inBoth(what, (world) => act(world, party, what));
    }
    for (const { change } of hiddenAt(at)) {
      changed.begin(`${String(number)} hidden ${String(serial)}`);
      await hide(changed, party, { change, serial });
      serial += 1;
    }
  };
  const steps = [...pair.script, ...lastLook];
  for (const [i, step] of steps.entries()) {
    await happenUntil(step.at);
    // Whatever fees follow from what is hidden, they are told in the last look at the latest.
    if (step === lastLook[0]) await inBoth('last', (world) => act(world, party, 'accrued'));
    const asked = requestOf(step, party, known);
    const [one, other] = await inBoth(`step ${String(i)}`, (world) => world.ask(asked));
    const difference = differenceOf(asked, one, other);
    if (difference) return difference;
    remember(step, asked, one, known);
    for (const { clock } of [plain, changed]) clock.advance(50);
  }
  return undefined;
}

const twists = [{ is: 'plain' }, { is: 'accept', text: 'application/x-ndjson' }] as const;
/** What tells most where a gateway leaks: short pages, a hidden filter, the months of fees. */
const queries: Readonly<Record<string, readonly string[]>> = {
  'GET /v1/customers': ['email.address=9'],
  'GET /v1/invoices': ['limit=2'],
  'GET /v1/fees/accruals': ['month=2026-02', 'month=2026-03'],
};

/**
 * After the last change all that a partner can read is read once more, and every list in a page, as
 * a stream and by its queries.
 */
const lastLook: readonly Step[] = knownRoutes
  .filter((route) => route.startsWith('GET') && !route.includes('/:id') && !isOperators(route))
  .flatMap((route) =>
    [
      ...(isListed(route) ? twists : twists.slice(0, 1)),
      ...(queries[route] ?? []).map((text) => ({ is: 'query', text }) as const),
    ].map((twist) => ({
      route,
      at: 1000,
      token: 'full' as const,
      limit: undefined,
      goesOn: false,
      pick: 0,
      twist,
    })),
  );

/** Hands out what is due until a moment, each once. */
function inOrder<Due extends { readonly at: number }>(all: readonly Due[]) {
  const left = all.toSorted((one, other) => one.at - other.at);
  return (at: number): Due[] => {
    const due = left.filter((one) => one.at <= at);
    left.splice(0, due.length);
    return due;
  };
}

function differenceOf(asked: Asked, one: Heard, other: Heard): Difference | undefined {
  const [plain, changed] = [one, other].map(
    ({ status, headers, body }) => `${status}\n${headers}\n\n${body}`,
  ) as [string, string];
  if (plain === changed) return undefined;
  return { asked: `${asked.method} ${asked.path}`, plain, changed };
}

/** Worlds whose chance has come apart would differ in every id. */
function alike(values: readonly unknown[]): void {
  const texts = new Set(values.map((value) => JSON.stringify(value)));
  if (texts.size !== 1) throw new Error('The two worlds did not settle alike.');
}
