import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { leakingProgram, leaksFolder } from './program.ts';
import { differenceIn, pairs } from './replay.ts';
import { openWorlds } from './worlds.ts';

/**
 * A comparison that finds nothing is worth what it would have found: copies of the gateway, each
 * with one small leak, must be caught by it within a few pairs, and only for what is hidden.
 */

const leaks = readdirSync(leaksFolder)
  .filter((file) => file.endsWith('.patch'))
  .map((file) => file.replace('.patch', ''));

/** The same pairs each time, so that a leak is caught always or never; rare changes come first. */
const drawn = fc.sample(pairs, { seed: 252, numRuns: 80 });
const tried = [...drawn.slice(0, 7).reverse(), ...drawn.slice(7)];

test('at least a dozen leaks are tried', () => {
  expect(leaks.length).toBeGreaterThanOrEqual(12);
});

test.each(leaks)(
  'the leak "%s" is caught',
  async (leak) => {
    const worlds = await openWorlds(await leakingProgram(leak));
    try {
      const [first] = tried;
      if (!first) throw new Error('No pair was drawn.');
      const quiet = { ...first, hidden: [] };
      expect(await differenceIn(worlds, 0, quiet)).toBeUndefined();
      let caught = 0;
      for (const [i, pair] of tried.entries()) {
        if (await differenceIn(worlds, i + 1, pair)) caught = i + 1;
        if (caught > 0) break;
      }
      expect(caught).toBeGreaterThan(0);
    } finally {
      for (const world of worlds) await world.close();
    }
  },
  180_000,
);
