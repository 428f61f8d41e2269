import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * How a step fails: it never reaches the other side; it is done, and its answer is lost; or it is done
 * after the asker has given it up.
 */
export const cutKinds = ['not persisted', 'persisted', 'persisted late'] as const;
export type CutKind = (typeof cutKinds)[number];

export interface Cut {
  /** The number of the step, counted from 0. */
  readonly at: number;
  readonly kind: CutKind;
}

/** The steps of some work, over all of its wires, in the order in which they were begun. */
export interface Steps {
  readonly names: readonly string[];
  /** Counts a step, and tells how it is to fail. */
  take(name: string): CutKind | undefined;
  /** Counts anew from here; with the cut that comes, once. */
  watch(cut?: Cut): void;
}

export function startSteps(): Steps {
  let names: string[] = [];
  let cut: Cut | undefined;
  return {
    get names() {
      return names;
    },
    take: (name) => {
      names.push(name);
      return cut?.at === names.length - 1 ? cut.kind : undefined;
    },
    watch: (next) => {
      [names, cut] = [[], next];
    },
  };
}

export interface Wire {
  /** What is asked instead of the other side. */
  readonly url: string;
  close(): Promise<void>;
}

const lateMs = 40;

/** A wire to PostgreSQL (its protocol, version 3) at a URL; each statement is a step. */
export async function wireToPostgres(url: string, steps: Steps): Promise<Wire> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-wire-'));
  const near = new URL(url);
  const far = near.searchParams.get('host');
  const port = near.port === '' ? '5432' : near.port;
  const reach = () =>
    far?.startsWith('/')
      ? connect(join(far, `.s.PGSQL.${port}`))
      : connect(Number(port), near.hostname);
  near.searchParams.set('host', folder);
  near.port = '5432';
  const server = await listen(join(folder, '.s.PGSQL.5432'), (client) => {
    carryStatements({ client, server: reach() }, steps);
  });
  return {
    url: near.href,
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A wire to an HTTP server; each request is a step. */
export async function wireToHttp(url: string, name: string, steps: Steps): Promise<Wire> {
  const { hostname, port } = new URL(url);
  const server = await listen(0, (client) => {
    carryRequests({ client, server: connect(Number(port), hostname) }, { name, steps });
  });
  return { url: `http://127.0.0.1:${String(server.port)}`, close: () => server.close() };
}

async function listen(place: string | number, carry: (client: Socket) => void) {
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    open.add(client);
    client.once('close', () => open.delete(client));
    carry(client);
  });
  await new Promise<void>((resolve) => {
    if (typeof place === 'string') server.listen(place, resolve);
    else server.listen(place, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: async () => {
      for (const client of open) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Ends {
  readonly client: Socket;
  readonly server: Socket;
}

const startUp = 'connect';

/**
 * Carries one connection. A step is what the client sends until it waits: its start, a simple query,
 * or messages up to a Sync. The answer ends with ReadyForQuery.
 */
function carryStatements(ends: Ends, steps: Steps): void {
  const { client, server } = ends;
  const texts = new Map<string, string>();
  let [hasStarted, isLost, isDone] = [false, false, false];
  let unread = Buffer.alloc(0);
  let step: Buffer[] = [];
  let name = '';
  const send = () => {
    const kind = steps.take(name);
    const bytes = Buffer.concat(step);
    [step, name] = [[], ''];
    if (kind === undefined) server.write(bytes);
    else if (kind === 'not persisted') drop(ends);
    else {
      isLost = true;
      const carry = () => server.write(bytes);
      if (kind === 'persisted') carry();
      else {
        client.destroy();
        setTimeout(carry, lateMs);
      }
    }
  };
  client.on('data', (part: Buffer) => {
    unread = Buffer.concat([unread, part]);
    for (;;) {
      const header = hasStarted ? 1 : 0;
      if (unread.length < header + 4) return;
      const size = header + unread.readUInt32BE(header);
      if (unread.length < size) return;
      const message = unread.subarray(0, size);
      unread = unread.subarray(size);
      const type = hasStarted ? message.toString('latin1', 0, 1) : startUp;
      // Passwords belong to the start, and a goodbye is no step.
      if (type === 'p' || type === 'X') {
        server.write(message);
        continue;
      }
      hasStarted = true;
      step.push(message);
      name ||= nameOf(type, message, texts);
      if (type === startUp || type === 'Q' || type === 'S') send();
    }
  });
  let answer = Buffer.alloc(0);
  server.on('data', (part: Buffer) => {
    if (!isLost) client.write(part);
    else if (!isDone) {
      answer = Buffer.concat([answer, part]);
      isDone = isAnswered(answer);
      if (isDone) drop(ends);
      else if (isAsked(answer)) {
        // The start is answered by questions: what is lost is the last word alone.
        client.write(answer);
        answer = Buffer.alloc(0);
      }
    }
  });
  // A lost client's server still works on what it has of it.
  endTogether(ends, () => isLost && !isDone);
}

/** Named statements go by their names, others by their text. */
function nameOf(type: string, message: Buffer, texts: Map<string, string>): string {
  const words = message.toString('utf8', 5).split('\0');
  const [first = '', second = ''] = words;
  if (type === startUp) return startUp;
  if (type === 'Q') return shorten(first);
  if (type === 'P') {
    texts.set(first, first === '' ? shorten(second) : first);
    return texts.get(first) ?? '';
  }
  return type === 'B' ? (texts.get(second) ?? second) : '';
}

const shorten = (sql: string) => sql.replaceAll(/\s+/g, ' ').trim().slice(0, 40);

const isAnswered = (answer: Buffer) => messagesIn(answer).includes('Z');
/** Whether it ends with a question about the password. */
function isAsked(answer: Buffer): boolean {
  const types = messagesIn(answer);
  return types.at(-1) === 'R' && !types.includes('K') && !types.includes('S');
}

/** The types of the whole messages of an answer. */
function messagesIn(answer: Buffer): string[] {
  const types: string[] = [];
  for (let at = 0; at + 5 <= answer.length;) {
    const end = at + 1 + answer.readUInt32BE(at + 1);
    if (end > answer.length) break;
    types.push(answer.toString('latin1', at, at + 1));
    at = end;
  }
  return types;
}

/** Carries one connection of requests, of which each is sent when the one before is answered. */
function carryRequests(ends: Ends, { name, steps }: { name: string; steps: Steps }): void {
  const { client, server } = ends;
  let [isWaiting, isLost] = [false, false];
  let late: Buffer[] | undefined;
  client.on('data', (part: Buffer) => {
    const kind = isWaiting ? undefined : steps.take(name);
    isWaiting = true;
    if (kind === 'not persisted') {
      drop(ends);
      return;
    }
    isLost ||= kind !== undefined;
    if (kind === 'persisted late') {
      late = [];
      // The rest of the request follows at once.
      setTimeout(() => client.destroy(), lateMs / 2);
      setTimeout(() => server.write(Buffer.concat(late ?? [])), lateMs);
    }
    if (late) late.push(part);
    else server.write(part);
  });
  server.on('data', (part: Buffer) => {
    isWaiting = false;
    if (isLost) drop(ends);
    else client.write(part);
  });
  endTogether(ends, () => isLost);
}

function drop({ client, server }: Ends): void {
  client.destroy();
  server.destroy();
}

function endTogether({ client, server }: Ends, outlives: () => boolean): void {
  client.on('error', () => undefined).once('close', () => !outlives() && server.end());
  server.on('error', () => undefined).once('close', () => client.destroy());
}
