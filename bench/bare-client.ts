import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openReader, type Login } from '../src/platform/database.ts';
import type { Run } from './load.ts';
import { afterStart, starts, type SameSql } from './same-sql.ts';

/** A process that does nothing but send the SQL of pages: for machines without pgbench. */
interface Order {
  readonly login: Login;
  readonly sql: SameSql;
  readonly connections: number;
  readonly ms: number;
}

/** Asks for pages as the reader does, in a process of its own; the first second does not count. */
export async function runBareClient(
  login: Login,
  sql: SameSql,
  connections: number,
  ms: number,
): Promise<Run> {
  const child = fork(fileURLToPath(import.meta.url));
  child.send({ login, sql, connections, ms } satisfies Order);
  const ended = once(child, 'exit');
  const answered = once(child, 'message') as Promise<[Run]>;
  const first = await Promise.race([answered, ended.then(() => undefined)]);
  if (!first) throw new Error('The bare client ended without an answer.');
  await ended;
  return first[0];
}

async function send({ login, sql, connections, ms }: Order): Promise<void> {
  const reader = openReader(login, { max: connections });
  const latencies: number[] = [];
  let requests = 0;
  const from = performance.now() + 1000;
  const until = from + ms;
  const loop = async () => {
    for (let now = performance.now(); now < until; now = performance.now()) {
      const at = starts.lowest + Math.floor(Math.random() * (starts.highest - starts.lowest));
      const after = `${String(at)}${afterStart}`;
      await reader.read(sql.recipientId, sql.statement, [
        sql.recipientId,
        after,
        101,
        sql.services,
      ]);
      requests += 1;
      if (now >= from) latencies.push(performance.now() - now);
    }
  };
  await Promise.all(Array.from({ length: connections }, loop));
  const seconds = (performance.now() - from) / 1000;
  await reader.close();
  process.send?.({ requests, counted: latencies.length, seconds, latencies } satisfies Run);
  process.disconnect();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('message', (order: Order) => void send(order));
}
