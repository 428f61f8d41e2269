import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTools } from '../../src/commands/open-tools.ts';
import { openDatabase, type Database, type Login } from '../../src/platform/database.ts';
import { openEmbeddedDatabase } from '../../src/platform/embedded/embedded-database.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { builtMain } from '../support/build.ts';
import { startNode, type Child } from '../support/child.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  invoice,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';

/** A gateway as an operator runs it: a process of its own on a durable database of its own. */
export interface FaultHouse {
  readonly dataDir: string;
  readonly bright: GivenPartner;
  /** Starts the gateway, this source's or a twin's, and waits until it serves. */
  serve(main?: string): Promise<Gateway>;
  /**
   * Starts another gateway on the same database, which must be running, as on a second machine: it
   * is told the database's URLs and has the same keys. End it before the first.
   */
  serveBeside(main?: string): Promise<Gateway>;
  /** Runs a command of the gateway. */
  sluice(...words: string[]): Child;
  /** The tools on its database: beside the gateway, or without one. */
  withTools<Result>(work: (tools: Tools) => Promise<Result>): Promise<Result>;
  /** Its database as the superuser. */
  withSuperuser<Result>(work: (db: Database) => Promise<Result>): Promise<Result>;
  /** Ends every process and removes the folder. */
  close(): Promise<void>;
}

export interface Gateway {
  readonly child: Child;
  readonly port: number;
  readonly origin: string;
  readonly token: string;
}

/**
 * A house with one partner and so many joint customers, `c0` and on, each with one invoice; its
 * gateways and commands run under these settings beside what every house needs.
 */
export async function openFaultHouse({
  customers = 200,
  settings = {},
}: { customers?: number; settings?: Readonly<Record<string, string>> } = {}): Promise<FaultHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-faults-'));
  chmodSync(folder, 0o755);
  const dataDir = join(folder, 'data');
  const environment = {
    SLUICE_DATA_DIR: dataDir,
    PORT: '0',
    SLUICE_LOG_LEVEL: 'fatal',
    SLUICE_TOKEN_LIFETIME_SECONDS: '3600',
    ...settings,
  };
  const started: Child[] = [];
  const start = (main: string, words: readonly string[], more: Record<string, string> = {}) => {
    const child = startNode([main, ...words], { ...environment, ...more });
    started.push(child);
    return child;
  };
  const withTools: FaultHouse['withTools'] = async (work) => {
    const { tools, close } = await openTools({ as: 'command', environment, say: () => undefined });
    try {
      return await work(tools);
    } finally {
      await close();
    }
  };
  const bright = await withTools((tools) => givenWorld(tools, customers));
  const serve = async (main = builtMain(), more: Record<string, string> = {}) => {
    const child = start(main, ['serve'], more);
    const [, port] = await child.says(/serves on .* port (\d+)/);
    const origin = `http://127.0.0.1:${String(port)}`;
    return { child, port: Number(port), origin, token: await tokenOf(origin, bright) };
  };
  return {
    dataDir,
    bright,
    serve: (main) => serve(main),
    serveBeside: async (main) => {
      const embedded = await openEmbeddedDatabase({ dataDir, as: 'command' });
      await embedded.close();
      const { app, reader } = embedded.logins;
      return serve(main, {
        SLUICE_DATA_DIR: join(folder, 'beside'),
        SLUICE_KEYS_DIR: join(dataDir, 'keys'),
        DATABASE_URL: urlOf(app),
        DATABASE_READER_URL: urlOf(reader),
      });
    },
    sluice: (...words) => start(builtMain(), words),
    withTools,
    withSuperuser: async (work) => {
      const embedded = await openEmbeddedDatabase({ dataDir, as: 'command' });
      const db = openDatabase({ ...embedded.logins.superuser, database: 'sluice' }, { max: 2 });
      try {
        return await work(db);
      } finally {
        await db.destroy();
        await embedded.close();
      }
    },
    close: async () => {
      for (const { process } of started) process.kill('SIGKILL');
      await Promise.all(started.map((child) => child.ended()));
      // A server takes over the database that a killed one left, and stops it.
      await (await openEmbeddedDatabase({ dataDir, as: 'server' })).close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const hasPostmaster = ({ dataDir }: FaultHouse) =>
  existsSync(join(dataDir, 'database', 'cluster', 'postmaster.pid'));

/** A login on a Unix socket as a URL. */
const urlOf = ({ host, port, user, password, database }: Login) =>
  `postgres://${user}:${password}@localhost:${String(port)}/${database}?host=${encodeURIComponent(host)}`;

async function givenWorld(tools: Tools, customers: number): Promise<GivenPartner> {
  const bright = await givenPartner(tools);
  const ids = Array.from({ length: customers }, (_, i) => `c${i}`);
  await givenRecords(tools, [
    service(),
    ...ids.flatMap((id) => [customer(id), invoice(`i-${id}`, id), payment(`p-${id}`, id)]),
  ]);
  for (const id of ids) await givenRelationship(tools, bright.partner, id);
  return bright;
}

async function tokenOf(origin: string, { clientId, secret }: GivenPartner): Promise<string> {
  const answer = await fetch(`${origin}/oauth/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`No token: ${String(answer.status)}`);
  return token;
}
