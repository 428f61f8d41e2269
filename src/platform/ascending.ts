/** Ascending whole numbers, each as the LEB128 of its difference to the one before. */
export function encodeAscending(numbers: Iterable<number>): Buffer {
  const bytes: number[] = [];
  let last = 0;
  for (const number of numbers) {
    pushVarint(bytes, number - last);
    last = number;
  }
  return Buffer.from(bytes);
}

/** The numbers again. */
export function decodeAscending(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  eachAscending(bytes, (number) => {
    numbers.push(number);
  });
  return numbers;
}

/** Calls `take` with each number, without a list of them. */
export function eachAscending(bytes: Uint8Array, take: (number: number) => void): void {
  let [number, scale] = [0, 1];
  for (const byte of bytes) {
    number += (byte % 128) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    take(number);
    scale = 1;
  }
}

/** How often a number is among them. What comes behind it is not read. */
export function countAscending(bytes: Uint8Array, wanted: number): number {
  let [number, scale, count] = [0, 1, 0];
  for (const byte of bytes) {
    number += (byte % 128) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    if (number > wanted) return count;
    if (number === wanted) count += 1;
    scale = 1;
  }
  return count;
}

/** One whole number as LEB128, behind what is there. */
export function pushVarint(bytes: number[], number: number): void {
  let rest = number;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

/** The numbers by their places when some places, counted from 0, are empty. */
export function byPlace(
  numbers: readonly number[],
  empty: readonly number[],
): (number | undefined)[] {
  const holes = new Set(empty);
  const left = numbers.values();
  return Array.from({ length: numbers.length + holes.size }, (_, place) =>
    holes.has(place) ? undefined : left.next().value,
  );
}
