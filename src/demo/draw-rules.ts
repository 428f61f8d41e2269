import { createHash } from 'node:crypto';

/** What a draw is for, such as ['plan', 'c-007']: the same words always draw the same. */
export type Label = readonly string[];

/** A whole number from `least` to `most`, both included, that follows from the label alone. */
export function drawNumber(least: number, most: number, ...label: Label): number {
  const digest = createHash('sha256').update(JSON.stringify(label)).digest();
  return least + (digest.readUIntBE(0, 6) % (most - least + 1));
}

/** One of the items; the list is not empty. */
export function drawOne<Item>(items: readonly [Item, ...Item[]], ...label: Label): Item {
  return items[drawNumber(0, items.length - 1, ...label)] ?? items[0];
}

/** True once in `times`, on the whole. */
export function drawChance(times: number, ...label: Label): boolean {
  return drawNumber(1, times, ...label) === 1;
}
