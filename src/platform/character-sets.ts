/** A set of code points as ranges, both ends included. */
export type CharacterSet = readonly (readonly [number, number])[];

const highest = 0x10ffff;

export function single(character: string): CharacterSet {
  const point = character.codePointAt(0) ?? 0;
  return [[point, point]];
}

export const digits: CharacterSet = [[48, 57]];
export const wordCharacters: CharacterSet = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
export const lineEnds: CharacterSet = [
  [10, 10],
  [13, 13],
  [0x2028, 0x2029],
];

/** Every code point but these. */
export function without(ranges: CharacterSet): CharacterSet {
  const kept: [number, number][] = [];
  let from = 0;
  for (const [low, high] of [...ranges].sort(([a], [b]) => a - b)) {
    if (low > from) kept.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  if (from <= highest) kept.push([from, highest]);
  return kept;
}

/** Whether one code point is in two of these sets. */
export function haveOverlap(sets: readonly CharacterSet[]): boolean {
  // Twice without: a set's own ranges are joined first, where they touch or overlap.
  const ranges = sets.flatMap((set) => without(without(set))).sort(([a], [b]) => a - b);
  return ranges.some(([from], i) => i > 0 && from <= (ranges[i - 1]?.[1] ?? -1));
}
