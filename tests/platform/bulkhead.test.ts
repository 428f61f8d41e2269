import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shareOut } from '../../src/platform/bulkhead.ts';
import { Refusal } from '../../src/platform/refusal.ts';

test('no key has more at work than its share, whatever others do, and all that is taken in is done', async () => {
  const law = fc.asyncProperty(
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 0, max: 5 }),
    fc.array(
      fc.record({ key: fc.constantFrom('a', 'b', 'c'), turns: fc.nat(5), fails: fc.boolean() }),
    ),
    async (atOnce, waiting, asked) => {
      const inTurn = shareOut({ atOnce, waiting });
      const atWork: Record<string, number> = { a: 0, b: 0, c: 0 };
      const count = (key: string, by: number) => (atWork[key] = (atWork[key] ?? 0) + by);
      const results = await Promise.allSettled(
        asked.map(({ key, turns, fails }) =>
          inTurn(key, async () => {
            expect(count(key, 1)).toBeLessThanOrEqual(atOnce);
            for (let i = 0; i < turns; i += 1) await Promise.resolve();
            count(key, -1);
            if (fails) throw new Error('broken');
            return key;
          }),
        ),
      );
      for (const key of ['a', 'b', 'c']) {
        const refused = results.filter(
          (result, i) =>
            asked[i]?.key === key &&
            result.status === 'rejected' &&
            result.reason instanceof Refusal,
        );
        const all = asked.filter((one) => one.key === key).length;
        expect(refused).toHaveLength(Math.max(0, all - atOnce - waiting));
      }
      // Its places are free again.
      await Promise.all(Array.from({ length: atOnce }, () => inTurn('a', () => Promise.resolve())));
    },
  );
  await fc.assert(law);
});

test('who comes first is served first', async () => {
  const inTurn = shareOut({ atOnce: 1, waiting: 9 });
  const served: number[] = [];
  const serve = (i: number) => inTurn('a', () => Promise.resolve(served.push(i)));
  await Promise.all([1, 2, 3, 4].map(serve));
  expect(served).toEqual([1, 2, 3, 4]);
});
