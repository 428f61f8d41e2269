import type { PageFilters } from '../logs/index.ts';
import type { StreamChunk } from '../platform/http/stream.ts';
import type { Tools } from '../platform/tools.ts';
import { checkOutgoing } from '../records/index.ts';
import type { Caller } from '../tokens/index.ts';
import type { CompiledView } from '../projection/index.ts';
import { versionHeaders } from '../views/index.ts';
import { narrowedFor } from './compiled-views.ts';
import { type Allowed, type Tried } from './decide-for.ts';
import { disclose, type DisclosedAnswer } from './disclose.ts';
import { readPage, type SharedRow } from './page-store.ts';
import {
  filterOf,
  filtersOf,
  firstPosition,
  underType,
  type Ask,
  type Page,
} from './share-records.ts';

/** What of a list is streamed: all of it, or what the parameters leave. */
type Streamed = Pick<Ask, 'caller' | 'recordType' | 'view' | 'fields' | 'isNamed'> &
  Pick<Page, 'customer' | 'from' | 'to'>;

interface StreamAsk extends Streamed {
  /** Who asks now; throws the refusal that ends the stream. Called before each further chunk. */
  readonly askAgain: () => Promise<Caller>;
  /** At most so many records in a chunk. */
  readonly rowsPerChunk?: number;
  /** A chunk is cut before it has more bytes than this, unless its first record alone has. */
  readonly bytesPerChunk?: number;
}

const usualRows = 1_000;
const usualBytes = 1_048_576;
/** The first chunk is small: how long the records are is not known yet. */
const rowsAtFirst = 100;
const newline = 0x0a;
const end = Buffer.from('{"end":true}\n');

/**
 * Shows a partner all of its joint customers' records of a type, as lines of JSON. The chunks are
 * decided, read, checked and logged one by one like pages, each under the epoch that is in force
 * then, and handed on when their entry is committed: the lines of the records and one more with the
 * id and salt of the entry, whose payload is the records' lines. The last line says that this was
 * all. The first chunk's headers name the version of the view; all of the stream is shown through
 * that one, and breaks off when it is no longer served (`view-not-served`). Holds one chunk in memory.
 * Throws the refusal or fault that keeps it from going on.
 */
export async function* streamRecords(
  tools: Tools,
  ask: StreamAsk,
): AsyncGenerator<StreamChunk, void, undefined> {
  const { rowsPerChunk = usualRows, bytesPerChunk = usualBytes } = ask;
  let { caller } = ask;
  let after = firstPosition;
  let limit = Math.min(rowsAtFirst, rowsPerChunk);
  // Its head names one version of the view, and so all of it is of that one.
  let { view } = ask;
  for (;;) {
    const chunk = await shareChunk(tools, { ...ask, view, caller, after, limit, bytesPerChunk });
    view = chunk.view;
    yield chunk;
    if (chunk.next === undefined) break;
    after = chunk.next;
    // As many as fit when they are as long as these were.
    const fitting = Math.floor((chunk.records * bytesPerChunk) / chunk.bytes.length);
    limit = Math.max(1, Math.min(rowsPerChunk, fitting));
    caller = await ask.askAgain();
  }
  yield { headers: {}, bytes: end };
}

interface Chunk extends StreamChunk {
  /** The version of the view that it was made through. */
  readonly view: number;
  readonly records: number;
  /** Where to go on; undefined at the end. */
  readonly next: string | undefined;
}

async function shareChunk(
  tools: Tools,
  ask: Streamed & { after: string; limit: number; bytesPerChunk: number },
): Promise<Chunk> {
  const { caller, after, limit, bytesPerChunk } = ask;
  return underType(tools, ask, async (type, decision) => {
    const view = narrowedFor(type, decision, ask.fields);
    const read = await readPage(tools.reader, view, {
      recipientId: caller.partnerId,
      services: decision.services,
      after,
      limit: limit + 1,
      filter: filterOf(tools, ask, view),
    });
    if (read.epoch !== decision.grant.epoch) return 'rights-changed';
    const rows = firstOf(read.rows, { rows: limit, bytes: bytesPerChunk });
    const made = { caller, decision, view, rows, filters: filtersOf(ask) };
    const logged = await discloseLines(tools, made);
    if (logged === 'rights-changed') return logged;
    const receipt = JSON.stringify({ ...logged.receipt, lines: rows.length });
    return {
      view: decision.view.version,
      headers: versionHeaders(decision.view, decision.grant.views),
      bytes: Buffer.concat([logged.body, Buffer.from(`${receipt}\n`)]),
      records: rows.length,
      isLast: rows.length === read.rows.length,
      next: rows.length < read.rows.length ? rows.at(-1)?.position : undefined,
    };
  });
}

/** As many of the first rows as a chunk may hold, but one at least. */
function firstOf(
  read: readonly SharedRow[],
  most: { rows: number; bytes: number },
): readonly SharedRow[] {
  let bytes = 0;
  const tooMany = read.findIndex(({ record }, i) => {
    bytes += record.length + 1;
    return i > 0 && (i >= most.rows || bytes > most.bytes);
  });
  return tooMany < 0 ? read : read.slice(0, tooMany);
}

/** Each record is checked as its recipient reads it, by itself, and must be one line. */
async function discloseLines(
  tools: Tools,
  made: {
    caller: Caller;
    decision: Allowed;
    view: CompiledView;
    rows: readonly SharedRow[];
    filters: PageFilters | undefined;
  },
): Promise<Tried<DisclosedAnswer>> {
  const { caller, decision, view, rows, filters } = made;
  for (const { record } of rows) {
    const fault = checkOutgoing(record, view.wire);
    if (fault !== undefined) throw new Error(`A line was held back: ${fault}.`);
    if (record.includes(newline)) throw new Error('A line was held back: it is not one line.');
  }
  return disclose(tools, {
    caller,
    decision,
    channel: 'stream',
    recordType: view.recordType,
    classes: view.classes,
    fields: view.isWhole ? null : view.fields,
    filters,
    subjects: rows.map((row) => ({
      number: row.subjectNumber,
      pairwiseId: row.subjectId,
      record: row.record,
    })),
    body: Buffer.concat(rows.flatMap(({ record }) => [record, lineEnd])),
  });
}

const lineEnd = Buffer.of(newline);
