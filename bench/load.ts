import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

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
        await read();
        latencies.push(performance.now() - now);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  for (const socket of sockets) socket.destroy();
  const requests = latencies.length;
  return { requests, counted: requests, seconds, latencies };
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

/** Gives a function that resolves with the end of the next answer on this connection. */
function reader(socket: Socket): () => Promise<void> {
  let head = Buffer.alloc(0);
  let bytesLeft = 0;
  let done: () => void = ignore;
  let fail: (error: Error) => void = ignore;
  socket.on('data', (chunk) => {
    let rest = chunk;
    if (bytesLeft === 0) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const text = head.toString('latin1', 0, end);
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
      if (!text.startsWith('HTTP/1.1 200') || length === undefined) fail(new Error(text));
      rest = head.subarray(end + 4);
      bytesLeft = Number(length);
      head = Buffer.alloc(0);
    }
    bytesLeft -= rest.length;
    if (bytesLeft === 0) done();
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
