import { randomUUID } from 'node:crypto';
import { openSession, type Database, type Session } from '../src/platform/database.ts';

/**
 * What an ordinary team would write instead of our log: a row for each page and a row for each
 * subject with its leaf hash, found by customer through an index; written in groups as ours are.
 */
export interface PlainLog {
  /** Answers when the page's rows are committed. */
  write(page: PlainPage): Promise<void>;
  close(): Promise<void>;
}

export interface PlainPage {
  readonly text: string;
  readonly customers: readonly string[];
  /** 32 bytes for each customer. */
  readonly leafHashes: Buffer;
}

export const plainTables = `
  create table plain_entries (
    recipient_id uuid not null, index bigint not null, entry_id uuid not null, entry text not null,
    primary key (recipient_id, index), unique (recipient_id, entry_id)
  );
  create table plain_subjects (
    recipient_id uuid not null, index bigint not null, customer_id uuid not null,
    leaf_hash bytea not null,
    primary key (recipient_id, index, customer_id)
  );
  create index plain_subjects_customer on plain_subjects (customer_id, recipient_id, index);
  create table plain_heads (recipient_id uuid primary key, size bigint not null)`;

const head = `update plain_heads set size = size + $2 where recipient_id = $1 returning size`;
const entries = `
  insert into plain_entries (recipient_id, index, entry_id, entry)
  select $1, $2 + given.place - 1, given.id, given.entry
    from unnest($3::uuid[], $4::text[]) with ordinality as given (id, entry, place)`;
const subjects = `
  insert into plain_subjects (recipient_id, index, customer_id, leaf_hash)
  select $1, given.index, given.customer,
         substring($4::bytea from (given.place::int - 1) * 32 + 1 for 32)
    from unnest($2::bigint[], $3::uuid[]) with ordinality as given (index, customer, place)`;

interface Waiting {
  readonly page: PlainPage;
  readonly settle: () => void;
  readonly refuse: (error: unknown) => void;
}

export function openPlainLog(db: Database, recipientId: string): PlainLog {
  const queue: Waiting[] = [];
  let session: Session | undefined;
  let running: Promise<void> | undefined;
  const run = async () => {
    while (queue.length > 0) {
      const batch = queue.splice(0, 256);
      session ??= await openSession(db);
      try {
        await writeBatch(
          session,
          recipientId,
          batch.map(({ page }) => page),
        );
        for (const { settle } of batch) settle();
      } catch (error) {
        for (const { refuse } of batch) refuse(error);
      }
    }
    running = undefined;
  };
  return {
    write: (page) =>
      new Promise((settle, refuse) => {
        queue.push({ page, settle, refuse });
        // One turn of the event loop brings in what arrived with the first, as in ours.
        running ??= new Promise((resolve) => setImmediate(resolve)).then(run);
      }),
    close: async () => {
      await running;
      session?.release();
    },
  };
}

async function writeBatch(
  session: Session,
  recipientId: string,
  pages: readonly PlainPage[],
): Promise<void> {
  await session.query('begin');
  const answer = await session.query<{ size: string }>({ name: 'plain-head', text: head }, [
    recipientId,
    pages.length,
  ]);
  const first = Number(answer.rows[0]?.size) - pages.length;
  const ids = pages.map(() => randomUUID());
  const texts = pages.map(({ text }) => text);
  await session.query({ name: 'plain-entries', text: entries }, [recipientId, first, ids, texts]);
  await session.query({ name: 'plain-subjects', text: subjects }, [
    recipientId,
    pages.flatMap(({ customers }, i) => customers.map(() => first + i)),
    pages.flatMap(({ customers }) => customers),
    Buffer.concat(pages.map(({ leafHashes }) => leafHashes)),
  ]);
  await session.query('commit');
}
