import { readLines } from '../../src/loading/read-lines.ts';
import type { RowRead } from '../../src/loading/report.ts';

/** Text as a stream of bytes, cut every `size` bytes. */
export async function* bytesOf(text: string | Buffer, size = 7): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text as string);
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
  }
}

export const linesOf = (text: string | Buffer, size?: number) => readLines(bytesOf(text, size));

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** What was read, in short: [line, row] or [line, code]. */
export const inShort = (reads: readonly RowRead[]) =>
  reads.map((read) => [read.line, 'row' in read ? read.row : read.code]);
