import { createHash } from 'node:crypto';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Gateway } from './gateway-process.ts';

/** What a client saw of one request. */
export interface Pulled {
  /** Null where the connection broke before an answer. */
  readonly status: number | null;
  readonly error: string | undefined;
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

export interface Pulling {
  /** Resolves once so many answers were seen: a busy machine begins late. */
  hasSeen(answers: number): Promise<void>;
  /** Resolves once an answer with another status, or none, was seen. */
  hasSeenOther(status: number): Promise<void>;
  /** Sends no more, waits for what is under way, and answers everything that was seen. */
  stop(): Promise<readonly Pulled[]>;
}

/**
 * Lets so many clients, each on a connection that it keeps, walk through the lists page by page
 * without a pause. A client whose connection breaks is done. `kept` says what of each body is
 * remembered: nothing, unless it is given.
 */
export function startPulling(
  { port, token }: Pick<Gateway, 'port' | 'token'>,
  {
    clients,
    limit = 50,
    kept = () => '',
  }: { clients: number; limit?: number; kept?: (body: string) => string },
): Pulling {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const seen: Pulled[] = [];
  let isStopped = false;
  const walk = async (list: string) => {
    let path = list;
    while (!isStopped) {
      const pulled = await pull({ port, token, agent }, path);
      seen.push({ ...pulled, body: kept(pulled.body) });
      if (pulled.status === null) return;
      const next = pulled.status === 200 && /"next":"([^"]+)"/.exec(pulled.body)?.[1];
      path = next ? `${list}&cursor=${next}` : list;
    }
  };
  const walks = Array.from({ length: clients }, (_, i) =>
    walk(`/v1/${i % 2 === 0 ? 'customers' : 'invoices'}?limit=${limit}`),
  );
  return {
    hasSeen: async (answers) => {
      while (seen.length < answers) await wait(5);
    },
    hasSeenOther: async (status) => {
      while (seen.every((one) => one.status === status)) await wait(5);
    },
    stop: async () => {
      isStopped = true;
      await Promise.all(walks);
      agent.destroy();
      return seen;
    },
  };
}

/** One request. Never rejects: what breaks is what was seen. */
export function pull(
  { port, token, agent }: { port: number; token: string; agent?: Agent },
  path: string,
): Promise<Pulled> {
  const sentAt = performance.now();
  return new Promise((resolve) => {
    const answer = (
      response: IncomingMessage | undefined,
      chunks: readonly Buffer[],
      error?: string,
    ) => {
      const isWhole = response !== undefined && error === undefined && response.complete;
      const salt = Buffer.from(String(response?.headers['disclosure-salt'] ?? ''), 'base64url');
      const body = Buffer.concat(chunks);
      resolve({
        status: response?.statusCode ?? null,
        error,
        disclosureId: response?.headers['disclosure-id'] as string | undefined,
        hasBytes: body.length > 0,
        payload: isWhole
          ? createHash('sha256').update(salt).update(body).digest('base64url')
          : undefined,
        body: body.toString(),
        headers: response?.headers ?? {},
        sentAt,
        ms: performance.now() - sentAt,
      });
    };
    const headers = { Authorization: `Bearer ${token}` };
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
