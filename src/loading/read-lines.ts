/** Longer lines are not read: a row of one record is never that long. */
export const maxLineBytes = 1_000_000;

/** A line without its end; no bytes where it is longer than maxLineBytes. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly bytes: Buffer | undefined;
}

/**
 * Cuts a stream of bytes into lines, a batch for each chunk. Lines end with LF or CRLF; a UTF-8 byte
 * order mark at the very beginning is left out. Holds no more than one line and one chunk.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  let number = 1;
  let begun: Buffer[] = [];
  let begunBytes = 0;
  const keep = (piece: Buffer): void => {
    begunBytes += piece.length;
    if (begunBytes > maxLineBytes + 1) begun = [];
    else begun.push(Buffer.from(piece));
  };
  const finish = (piece: Buffer): Line => {
    const isTooLong = begunBytes + piece.length > maxLineBytes + 1;
    const whole = begun.length === 0 ? piece : Buffer.concat([...begun, piece]);
    begun = [];
    begunBytes = 0;
    const bytes = isTooLong ? undefined : withoutMark(withoutReturn(whole), number);
    const line = { number, bytes: bytes && bytes.length > maxLineBytes ? undefined : bytes };
    number += 1;
    return line;
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: Line[] = [];
    let at = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, at)) {
      lines.push(finish(bytes.subarray(at, end)));
      at = end + 1;
    }
    if (at < bytes.length) keep(bytes.subarray(at));
    if (lines.length > 0) yield lines;
  }
  if (begunBytes > 0) yield [finish(Buffer.alloc(0))];
}

function withoutReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
}

function withoutMark(bytes: Buffer, number: number): Buffer {
  const isMarked = number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return isMarked ? bytes.subarray(3) : bytes;
}
