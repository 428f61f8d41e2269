/** One chunk of a stream of records as it was received. */
export interface ReceivedChunk {
  /** The lines of its records with their newlines: what its entry commits to. */
  readonly body: Buffer;
  readonly records: readonly Record<string, unknown>[];
  readonly receipt: { readonly disclosure: string; readonly salt: string; readonly lines: number };
}

export interface ReceivedStream {
  readonly chunks: readonly ReceivedChunk[];
  /** Records after the last receipt: none may ever be there. */
  readonly unlogged: readonly Record<string, unknown>[];
  /** What came after the last receipt: nothing, unless the connection broke. */
  readonly rest: Buffer;
  readonly isWhole: boolean;
  /** The problem document of the last line. */
  readonly error: Record<string, unknown> | undefined;
}

const newline = 0x0a;

/** Takes a stream apart as a client does: a line with an `id` is a record, each other one is ours. */
export function readStream(bytes: Buffer): ReceivedStream {
  const chunks: ReceivedChunk[] = [];
  let records: Record<string, unknown>[] = [];
  let isWhole = false;
  let error: Record<string, unknown> | undefined;
  let start = 0;
  let from = 0;
  for (let to = bytes.indexOf(newline); to >= 0; to = bytes.indexOf(newline, from)) {
    const line = JSON.parse(bytes.subarray(from, to).toString()) as Record<string, unknown>;
    if (isWhole || error) throw new Error('Something comes after the last line.');
    if ('id' in line) {
      records.push(line);
    } else if ('disclosure' in line) {
      const receipt = line as unknown as ReceivedChunk['receipt'];
      chunks.push({ body: bytes.subarray(start, from), records, receipt });
      records = [];
      start = to + 1;
    } else if (line['end'] === true) {
      isWhole = true;
    } else {
      error = line['error'] as Record<string, unknown>;
    }
    from = to + 1;
    // The last line is no part of a chunk.
    if ((isWhole || error) && records.length === 0) start = from;
  }
  return { chunks, unlogged: records, rest: bytes.subarray(start), isWhole, error };
}
