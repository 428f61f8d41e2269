import type { GivenLine } from './given.ts';

/** SHA-256, in hexadecimal, of a document, and of the SHA-256 of each of its lines in turn. */
export async function hashesOf(
  document: string,
  lines: readonly GivenLine[],
): Promise<{ document: string; lines: string }> {
  const all = new Uint8Array(32 * lines.length);
  for (const [i, line] of lines.entries()) all.set(await hashOfLine(line), 32 * i);
  return { document: hexOf(await sha256(textBytes(document))), lines: hexOf(await sha256(all)) };
}

/** The hash of a line as it was closed: of one that is cut it stands in its place. */
async function hashOfLine(line: GivenLine): Promise<Uint8Array> {
  if (line.sha256 === undefined) return sha256(textBytes(JSON.stringify(line)));
  return Uint8Array.from(line.sha256.match(/../g) ?? [], (pair) => parseInt(pair, 16)).subarray(
    0,
    32,
  );
}

const textBytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
