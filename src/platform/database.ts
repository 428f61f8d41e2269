import knexFactory, { type Knex } from 'knex';
import pg from 'pg';
import { shareOut } from './bulkhead.ts';
import { isDatabaseGone, isLostRace } from './database-errors.ts';
import { demandDurability } from './durable-session.ts';

export { isDatabaseGone };

export type Database = Knex;

/**
 * A function that asks for a Transaction can only be called inside one:
 * handing it the plain Database does not compile.
 */
export type Transaction = Knex.Transaction;

/** Where one role logs in: a URL, or a Unix socket's folder with its password. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}
export type Connection = Login | string;

/** A named prepared statement: planned once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A statement of the reader: without a name no connection keeps it. */
export interface ReadStatement {
  readonly name?: string;
  readonly text: string;
}

/** What a statement answered; the count is of rows read or changed. */
export interface Result<Row> {
  readonly rows: Row[];
  readonly rowCount: number;
}

/** One connection held by its caller, who must release it. */
export interface Session {
  query<Row>(statement: string | Statement, values?: readonly unknown[]): Promise<Result<Row>>;
  /** Whether the connection is known to have ended. */
  isLost(): boolean;
  /** Gives the connection back; `broken` closes it, so that nobody meets its state. */
  release(broken?: boolean): void;
}

/** The database as the reader's role: one recipient's joint records, one statement at a time. */
export interface Reader {
  read<Row>(
    recipientId: string,
    statement: ReadStatement,
    values: readonly unknown[],
  ): Promise<Row[]>;
  close(): Promise<void>;
}

/**
 * Opens a pool of at most `max` connections; none is made before the first query.
 * A `date` arrives as text, int8 and numeric as strings, timestamptz as Date. `isDurable` refuses
 * every connection whose commits may be lost (`durability-off`). A statement that takes longer than
 * `statementSeconds` is cut off.
 */
export function openDatabase(
  connection: Connection,
  { max = 10, isDurable = false, statementSeconds = 60 } = {},
): Database {
  const session = sessionOf(statementSeconds, 30);
  return knexFactory({
    client: 'pg',
    connection: configOf(connection) as Knex.PgConnectionConfig,
    acquireConnectionTimeout: 10_000,
    log: silence,
    pool: {
      min: 0,
      max,
      idleTimeoutMillis: never,
      createTimeoutMillis: 5_000,
      afterCreate: (client: pg.Client, done: (error?: unknown) => void) => {
        beginSession(client, session, isDurable).then(() => {
          done();
        }, done);
      },
    },
  });
}

async function beginSession(client: pg.Client, session: string, isDurable: boolean): Promise<void> {
  await client.query(session);
  if (isDurable) await demandDurability(client);
}

/**
 * Runs `work` in one transaction (read committed) and commits. A transaction that lost a race
 * (SQLSTATE 40001, 40P01) is run again, three times at most, so `work` must change nothing but the
 * database. An error that `work` swallowed inside the transaction is a fault: PostgreSQL would
 * answer its COMMIT with a rollback, and no driver tells.
 */
export async function inTransaction<Answer>(
  db: Database,
  work: (tx: Transaction) => Promise<Answer>,
): Promise<Answer> {
  for (let triesLeft = 3; ; triesLeft -= 1) {
    try {
      return await db.transaction(
        async (tx) => {
          const result = await work(tx);
          await refuseSilentRollback(tx);
          return result;
        },
        { isolationLevel: 'read committed' },
      );
    } catch (error) {
      if (triesLeft === 0 || !isLostRace(error)) throw error;
    }
  }
}

/**
 * Tries work inside a transaction: where it answers that it is not to be kept, all that it wrote is
 * undone, and the transaction goes on. What it throws is thrown, and nothing goes on.
 */
export async function tryInside<Answer extends { readonly isKept: boolean }>(
  tx: Transaction,
  work: () => Promise<Answer>,
): Promise<Answer> {
  await tx.raw('savepoint tried');
  const answer = await work();
  await tx.raw(answer.isKept ? 'release savepoint tried' : 'rollback to savepoint tried');
  return answer;
}

async function refuseSilentRollback(tx: Transaction): Promise<void> {
  const client = await clientOf(tx).acquireConnection();
  // After an error the server's word on the transaction comes a moment later than the error itself.
  if (!client.readyForQuery) await client.query('select 1').catch(refuseCommit);
  if (client.getTransactionStatus() === 'E') refuseCommit();
}

function refuseCommit(cause?: unknown): never {
  const detail = 'An error inside the transaction was swallowed: nothing can be committed.';
  throw new Error(detail, { cause });
}

/** Runs a named prepared statement on the handle's own connection; answers its rows. */
export async function queryNamed<Row>(
  handle: Database | Transaction,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  if (handle.isTransaction && (handle as Transaction).isCompleted()) {
    throw new Error(`The transaction of ${statement.name} is already completed.`);
  }
  const pool = clientOf(handle);
  const client = await pool.acquireConnection();
  try {
    return (await client.query({ ...statement, values: [...values] })).rows as Row[];
  } finally {
    await pool.releaseConnection(client);
  }
}

/** Takes one connection out of the pool for its caller: for COPY, LISTEN, locks and long work. */
export async function openSession(db: Database): Promise<Session> {
  const pool = clientOf(db);
  const client = await pool.acquireConnection();
  return {
    query: async <Row>(
      statement: string | Statement,
      values: readonly unknown[] = [],
    ): Promise<Result<Row>> => {
      const named = typeof statement === 'string' ? { text: statement } : statement;
      // Without values the simple protocol is used, which takes several statements at once.
      const result = await client.query(
        values.length === 0 ? { ...named } : { ...named, values: [...values] },
      );
      return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
    },
    isLost: () => client.__knex__disposed !== undefined,
    release: (broken = false) => {
      if (broken) {
        // knex's own mark for a connection that its pool must not hand out again.
        client.__knex__disposed = 'broken';
        void client.end().catch(ignore);
      }
      void pool.releaseConnection(client);
    },
  };
}

/**
 * Opens the reader's own pool. Each read is a read-only transaction in which `app.recipient` names
 * the recipient, so that row level security shows it that recipient's rows alone. One recipient has
 * at most its share of the connections at once (`max` less four); more of its reads wait in a queue
 * of its own, and when that is full are refused as `too-busy`.
 */
export function openReader(connection: Connection, { max = 10 } = {}): Reader {
  const pool = new pg.Pool({
    ...configOf(connection),
    max,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 5_000,
    // A read is three statements, which travel together.
    Client: clientOfPool({ ...configOf(connection), pipeline: true }),
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the pool waits for it; its type does not say so
    onConnect: async (client) => {
      await client.query(readerSession);
    },
  });
  const inTurn = shareOut({ atOnce: Math.max(1, max - keptForOthers), waiting: 512 });
  pool.on('error', ignore);
  // A client that is checked out has no listener of the pool: its error would end the process.
  pool.on('connect', (client) => client.on('error', ignore));
  return {
    read: async <Row>(
      recipientId: string,
      statement: ReadStatement,
      values: readonly unknown[],
    ) => {
      // The id is written into the SQL, to save a round trip.
      if (!uuid.test(recipientId)) throw new TypeError('The recipient id is not a UUID.');
      return inTurn(recipientId, async () => {
        const client = await pool.connect();
        try {
          const { stream } = client.connection;
          stream.cork();
          const sent = Promise.all([
            client.query(
              `begin transaction isolation level repeatable read read only; select set_config('app.recipient', '${recipientId}', true)`,
            ),
            client.query({ ...statement, values: [...values] }),
            client.query('commit'),
          ]);
          stream.uncork();
          const [, result] = await sent;
          client.release();
          return result.rows as Row[];
        } catch (error) {
          client.release(true);
          throw error;
        }
      });
    },
    close: () => pool.end(),
  };
}

/**
 * The pool has one time limit, for its queue; a connection is given up before, so that a database
 * that hangs is answered like one that is gone.
 */
function clientOfPool(config: pg.ClientConfig): typeof pg.Client {
  const makeClient = function () {
    return new pg.Client(config);
  };
  return makeClient as unknown as typeof pg.Client;
}

/** The part of knex's client that holds its connections; knex does not type it. */
interface KnexClient {
  acquireConnection(): Promise<KnexConnection>;
  releaseConnection(client: pg.Client): Promise<void>;
}

type KnexConnection = pg.Client & {
  readonly readyForQuery: boolean;
  getTransactionStatus(): 'I' | 'T' | 'E' | null;
  __knex__disposed?: unknown;
};

const clientOf = (handle: Database | Transaction) => handle.client as KnexClient;

function configOf(connection: Connection): pg.ClientConfig {
  const where =
    typeof connection === 'string' ? { connectionString: connection } : { ...connection };
  return {
    application_name: 'sluice',
    connectionTimeoutMillis: 2_000,
    keepAlive: true,
    types: { getTypeParser },
    ...where,
  };
}

// A calendar date has no instant: pg would make it midnight in this machine's zone.
const dateType = 1082;
const asText = (value: string) => value;
const standardParser = pg.types.getTypeParser as (oid: number, format: string) => unknown;
const getTypeParser = (oid: number, format = 'text') =>
  oid === dateType ? asText : standardParser(oid, format);

// Set on each connection, because a URL's own `options` would replace ours.
const sessionOf = (statementSeconds: number, idleSeconds: number) =>
  [
    'set plan_cache_mode = force_generic_plan',
    `set statement_timeout = '${String(statementSeconds)}s'`,
    `set idle_in_transaction_session_timeout = '${String(idleSeconds)}s'`,
    "set timezone = 'UTC'",
    "set datestyle = 'ISO, YMD'",
  ].join('; ');

/**
 * What each of the reader's connections is told. A page goes along its index in order and stops when
 * it is full; by a bitmap or the whole table every row of it would be read and sorted first.
 */
export const readerSession = `${sessionOf(3, 5)}; set enable_bitmapscan = off; set enable_seqscan = off`;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const never = 2 ** 31 - 1;
/** Connections of the reader that one recipient cannot take. */
const keptForOthers = 4;
const ignore = () => undefined;
const silence = { warn: ignore, error: ignore, deprecate: ignore, debug: ignore };
