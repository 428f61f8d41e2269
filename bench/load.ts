import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

export interface Target {
  readonly port: number;
  readonly token: string;
  /** Asked for in turn, round and round. */
  readonly paths: readonly string[];
}

export interface Run {
  /** All that were answered: the CPU time is theirs. */
  readonly requests: number;
  /** Those of them that count for the rate, and the seconds that they took. */
  readonly counted: number;
  readonly seconds: number;
  /** In milliseconds, of those that count. */
  readonly latencies: readonly number[];
}

/**
 * Asks without pause on so many keep-alive connections for so many milliseconds, and waits for the
 * answers under way. It speaks bare HTTP/1.1 and parses no body, so that it takes little of the
 * processors that it shares with what it measures. Any status but 200 throws.
 */
export async function run(target: Target, connections: number, ms: number): Promise<Run> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(target.port)));
  const texts = target.paths.map((path) => requestOf(path, target));
  const latencies: number[] = [];
  let turn = 0;
  const startedAt = performance.now();
  const until = startedAt + ms;
  await Promise.all(
    sockets.map(async (socket) => {
      const read = reader(socket);
      for (let now = performance.now(); now < until; now = performance.now()) {
        socket.write(texts[turn++ % texts.length] ?? '');
        demandOk(await read());
        latencies.push(performance.now() - now);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  for (const socket of sockets) socket.destroy();
  const requests = latencies.length;
  return { requests, counted: requests, seconds, latencies };
}

/**
 * Asks so many times in so many milliseconds, evenly, on so many keep-alive connections; behind its
 * time it asks without pause. Gives how many answers had each status.
 */
export async function runPaced(
  target: Target,
  { connections, calls, ms }: { connections: number; calls: number; ms: number },
): Promise<Record<number, number>> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(target.port)));
  const texts = target.paths.map((path) => requestOf(path, target));
  const statuses: Record<number, number> = {};
  let turn = 0;
  const startedAt = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      const read = reader(socket);
      for (let mine = turn++; mine < calls; mine = turn++) {
        const wait = startedAt + (mine * ms) / calls - performance.now();
        if (wait > 0) await pause(wait);
        socket.write(texts[mine % texts.length] ?? '');
        const { status } = await read();
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }),
  );
  for (const socket of sockets) socket.destroy();
  return statuses;
}

function demandOk({ status, head }: Answer): void {
  if (status !== 200) throw new Error(head);
}

async function opened(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

function requestOf(path: string, { port, token }: Target): Buffer {
  const host = `Host: 127.0.0.1:${String(port)}`;
  const lines = [`GET ${path} HTTP/1.1`, host, `Authorization: Bearer ${token}`];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

interface Answer {
  readonly status: number;
  readonly head: string;
}

/** Gives a function that resolves with the end of the next answer on this connection. */
function reader(socket: Socket): () => Promise<Answer> {
  let head = Buffer.alloc(0);
  let bytesLeft = 0;
  let answer: Answer = { status: 0, head: '' };
  let done: (answer: Answer) => void = ignore;
  let fail: (error: Error) => void = ignore;
  socket.on('data', (chunk) => {
    let rest = chunk;
    if (bytesLeft === 0) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const text = head.toString('latin1', 0, end);
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
      if (length === undefined) fail(new Error(text));
      answer = { status: Number(text.slice('HTTP/1.1 '.length).split(' ', 1)), head: text };
      rest = head.subarray(end + 4);
      bytesLeft = Number(length);
      head = Buffer.alloc(0);
    }
    bytesLeft -= rest.length;
    if (bytesLeft === 0) done(answer);
  });
  socket.on('error', (error) => {
    fail(error);
  });
  socket.on('close', () => {
    fail(new Error('The server closed a connection.'));
  });
  return () =>
    new Promise((resolve, reject) => {
      done = resolve;
      fail = reject;
    });
}

const ignore = () => undefined;
