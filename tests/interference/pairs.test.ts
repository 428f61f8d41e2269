import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SharedAct } from './hidden-changes.ts';
import { honest } from './program.ts';
import { differenceIn, pairs } from './replay.ts';
import { knownRoutes, routesOf } from './script.ts';
import { openWorlds, type World } from './worlds.ts';

/**
 * Non-interference (policy): two databases that differ only in what a partner may not see answer
 * every request byte for byte alike. Clock and chance are the same in both; only the date is
 * masked. A pair does not need databases of its own: its partner is new in both worlds, and what
 * earlier pairs left there, different in each, is other partners' data.
 */

const wanted = Number(process.env['SLUICE_TEST_PAIRS'] ?? 100);
/** New databases now and then, so that looking through all that is there stays quick. */
const perHouse = 50;

let worlds: readonly [World, World];
let ran = 0;

beforeAll(async () => {
  worlds = await openWorlds(honest);
});
afterAll(() => close());

const close = () => Promise.all(worlds.map((world) => world.close()));

async function worldsFor(number: number): Promise<readonly [World, World]> {
  if (number % perHouse === 0) {
    await close();
    worlds = await openWorlds(honest);
  }
  return worlds;
}

test('every route of the gateway is in the scripts', () => {
  expect(routesOf(honest.createGateway(worlds[0].house.tools))).toEqual(knownRoutes);
});

test(
  'promise P09: what a partner may not see cannot change a byte it receives',
  async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async (pair) => {
        ran += 1;
        const difference = await differenceIn(await worldsFor(ran), ran, pair);
        // A failure that shrinks to no hidden change came of what earlier pairs left behind.
        expect(difference?.changed).toBe(difference?.plain);
      }),
      { numRuns: wanted },
    );
    expect(ran).toBeGreaterThanOrEqual(wanted);
  },
  // A failure is shrunk, which takes its time.
  wanted * 5_000 + 300_000,
);

test.each<SharedAct>(['shown', 'left', 'refused', 'joined'])(
  'the comparison is no empty one: that something was %s is heard',
  async (shown) => {
    for (const pair of fc.sample(pairs, 3)) {
      ran += 1;
      const same = { ...pair, hidden: [], shared: [] };
      const difference = await differenceIn(await worldsFor(ran), ran, same, shown);
      expect(difference?.changed).not.toBe(difference?.plain);
    }
  },
);
