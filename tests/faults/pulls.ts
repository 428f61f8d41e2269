import { createHash } from 'node:crypto';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { readStream } from '../support/stream-lines.ts';
import type { Gateway } from './gateway-process.ts';

/** What a client saw of one request, or of one chunk of a stream. */
export interface Pulled {
  readonly channel: 'pull' | 'stream';
  /** Null where the connection broke before an answer; of the problem that broke a stream off. */
  readonly status: number | null;
  readonly error: string | undefined;
  /** Undefined also for a chunk whose receipt did not come. */
  readonly disclosureId: string | undefined;
  /** Whether at least one byte of the body came. */
  readonly hasBytes: boolean;
  /** SHA-256(salt ‖ body) as the log has it; undefined where the body broke off. */
  readonly payload: string | undefined;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
  /** When it was sent and how long it took, in milliseconds. */
  readonly sentAt: number;
  readonly ms: number;
}

/** What a client asks for: pages to the end of the list, or a stream. */
export interface Ask {
  /** With a query. */
  readonly path: string;
  readonly isStream?: boolean;
}

export interface Pulling {
  /** Resolves once so many more answers were seen: a busy machine begins late. */
  hasSeen(answers: number): Promise<void>;
  /** Resolves once an answer with another status, or none, was seen. */
  hasSeenOther(status: number): Promise<void>;
  /** Sends no more, waits for what is under way, and answers everything that was seen. */
  stop(): Promise<readonly Pulled[]>;
}

/** Half of the clients walk through the customers, half through the invoices. */
export const walks =
  (limit: number) =>
  (client: number): Ask => ({ path: `${listOf(client)}?limit=${String(limit)}` });

/** The same lists as streams. */
export const streams = (client: number): Ask => ({ path: `${listOf(client)}?`, isStream: true });

const listOf = (client: number) => `/v1/${client % 2 === 0 ? 'customers' : 'invoices'}`;

/**
 * Lets so many clients, each on a connection that it keeps, ask without a pause: for what `asks`
 * says of the client by its number, whenever it is at the end of a list. A client whose connection
 * breaks is done. `kept` says what of each body is remembered: nothing, unless it is given.
 */
export function startPulling(
  { port, token }: Pick<Gateway, 'port' | 'token'>,
  {
    clients,
    asks = walks(50),
    kept = () => '',
  }: { clients: number; asks?: (client: number) => Ask; kept?: (body: string) => string },
): Pulling {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const at = { port, token, agent };
  const seen: Pulled[] = [];
  let isStopped = false;
  const run = async (client: number) => {
    let next: Ask | undefined;
    while (!isStopped) {
      const ask: Ask = next ?? asks(client);
      const pulled = ask.isStream ? await pullStream(at, ask.path) : [await pull(at, ask.path)];
      seen.push(...pulled.map((one) => ({ ...one, body: kept(one.body) })));
      if (pulled.some(({ status }) => status === null)) return;
      next = ask.isStream ? undefined : following(ask, pulled[0]);
    }
  };
  const running = Array.from({ length: clients }, (_, client) => run(client));
  return {
    hasSeen: async (answers) => {
      const enough = seen.length + answers;
      while (seen.length < enough) await wait(5);
    },
    hasSeenOther: async (status) => {
      while (seen.every((one) => one.status === status)) await wait(5);
    },
    stop: async () => {
      isStopped = true;
      await Promise.all(running);
      agent.destroy();
      return seen;
    },
  };
}

/** The next page of a list; undefined at its end. */
function following({ path }: Ask, page: Pulled | undefined): Ask | undefined {
  const cursor = page?.status === 200 && /"next":"([^"]+)"/.exec(page.body)?.[1];
  return cursor ? { path: `${path.replace(/&cursor=.*/, '')}&cursor=${cursor}` } : undefined;
}

/** Whom to ask, as whom, over which connections. */
interface At {
  readonly port: number;
  readonly token: string;
  readonly agent?: Agent;
}

/** One request. Never rejects: what breaks is what was seen. */
export async function pull(at: At, path: string): Promise<Pulled> {
  return seenIn(await receive(at, path, '*/*'));
}

/**
 * One stream, chunk by chunk, then what came without a receipt, and the problem that it ended with.
 * Never rejects: what breaks is what was seen.
 */
async function pullStream(at: At, path: string): Promise<readonly Pulled[]> {
  const received = await receive(at, path, 'application/x-ndjson');
  const one = { ...seenIn(received), channel: 'stream' } as const;
  if (one.status !== 200) return [one];
  const { chunks, rest, isWhole, error } = readStream(received.bytes);
  const seen: Pulled[] = chunks.map(({ body, receipt: { disclosure, salt } }) => ({
    ...one,
    disclosureId: disclosure,
    // Its receipt came, at least.
    hasBytes: true,
    payload: payloadOf(salt, body),
    body: body.toString(),
  }));
  const nothing = {
    ...one,
    disclosureId: undefined,
    payload: undefined,
    hasBytes: false,
    body: '',
  };
  if (rest.length > 0) seen.push({ ...nothing, hasBytes: true, body: rest.toString() });
  if (error) seen.push({ ...nothing, status: Number(error['status']) });
  else if (!isWhole) seen.push({ ...nothing, error: one.error ?? 'not whole' });
  return seen;
}

interface Received extends Pick<Pulled, 'error' | 'sentAt' | 'ms'> {
  readonly response: IncomingMessage | undefined;
  readonly bytes: Buffer;
}

function seenIn({ response, bytes, ...rest }: Received): Pulled {
  const isWhole = response !== undefined && rest.error === undefined && response.complete;
  const salt = String(response?.headers['disclosure-salt'] ?? '');
  return {
    ...rest,
    channel: 'pull',
    status: response?.statusCode ?? null,
    disclosureId: response?.headers['disclosure-id'] as string | undefined,
    hasBytes: bytes.length > 0,
    payload: isWhole ? payloadOf(salt, bytes) : undefined,
    body: bytes.toString(),
    headers: response?.headers ?? {},
  };
}

const payloadOf = (salt: string, body: Buffer) =>
  createHash('sha256').update(Buffer.from(salt, 'base64url')).update(body).digest('base64url');

function receive({ port, token, agent }: At, path: string, accept: string): Promise<Received> {
  const sentAt = performance.now();
  return new Promise((resolve) => {
    const answer = (
      response: IncomingMessage | undefined,
      chunks: readonly Buffer[],
      error?: string,
    ) => {
      const bytes = Buffer.concat(chunks);
      resolve({ response, bytes, error, sentAt, ms: performance.now() - sentAt });
    };
    const headers = { Authorization: `Bearer ${token}`, Accept: accept };
    get({ host: '127.0.0.1', port, path, headers, ...(agent && { agent }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', (error: NodeJS.ErrnoException) => {
        answer(response, chunks, error.code ?? error.message);
      });
      response.once('end', () => {
        answer(response, chunks);
      });
    }).once('error', (error: NodeJS.ErrnoException) => {
      answer(undefined, [], error.code ?? error.message);
    });
  });
}
