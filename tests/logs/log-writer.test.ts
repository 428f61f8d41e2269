import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { composeEntry } from '../../src/disclosures/entry-rules.ts';
import { startLogWriter, type LogWriter } from '../../src/logs/log-writer.ts';
import { verifyLog } from '../../src/audit/index.ts';
import {
  openDatabase,
  openSession,
  type Session,
  type Statement,
} from '../../src/platform/database.ts';
import { newUuid } from '../../src/platform/uuid.ts';
import { openHouse, type House } from '../support/house.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(async () => {
  await house.close();
});

type Query = (statement: string | Statement, values?: readonly unknown[]) => Promise<unknown>;

/** A writer whose every statement goes through `wire`, which can lose it, its answer or its backend. */
function writerThrough(wire: (step: string, send: () => Promise<unknown>) => Promise<unknown>) {
  const open = async (): Promise<Session> => {
    const session = await openSession(house.tools.db);
    const query: Query = (statement, values) => {
      const step = typeof statement === 'string' ? statement : statement.name;
      return wire(step, () => session.query(statement, values));
    };
    return {
      query: query as Session['query'],
      isLost: () => session.isLost(),
      release: (broken) => {
        session.release(broken);
      },
    };
  };
  return startLogWriter(open, house.tools.log);
}

function write(writer: LogWriter, recipientId: string) {
  const entry = composeEntry(givenDisclosure(recipientId), {
    entryId: newUuid(house.tools),
    at: house.tools.clock.now(),
    secret: randomBytes(32),
  });
  return writer.write(entry).then((written) => ({ entryId: entry.entryId, written }));
}

/** Writes two entries to two logs at once and tells which of those answered as written are not there. */
async function answeredWithoutEntry(writer: LogWriter, logs: readonly string[]) {
  const results = await Promise.allSettled([...logs, ...logs].map((log) => write(writer, log)));
  const missing: string[] = [];
  for (const result of results) {
    if (result.status === 'rejected') {
      expect(result.reason).toMatchObject({ kind: { code: 'log-unavailable', status: 503 } });
      continue;
    }
    const { entryId, written } = result.value;
    expect(written.appended).toBe(true);
    const stored = await house.admin('disclosure_entries').where({ entry_id: entryId });
    if (stored.length !== 1) missing.push(entryId);
  }
  return { missing, answered: results.filter(({ status }) => status === 'fulfilled').length };
}

/** Several logs are written in one transaction, a single one by one statement. */
const steps = [
  { logs: 2, step: 'begin' },
  { logs: 2, step: 'log-heads' },
  { logs: 2, step: 'log-append' },
  { logs: 2, step: 'commit' },
  { logs: 1, step: 'log-heads' },
  { logs: 1, step: 'log-append' },
];
const faults = {
  'is lost on the way': () => Promise.reject(new Error('Connection terminated')),
  'is done, and its answer is lost': async (send: () => Promise<unknown>) => {
    await send();
    throw new Error('Connection terminated');
  },
  'finds its backend killed': async (send: () => Promise<unknown>) => {
    await house.admin.raw(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where usename = 'sluice_app' and datname = current_database()`,
    );
    return send();
  },
};

test.each(
  steps.flatMap((step) =>
    Object.entries(faults).map(([name, fault]) => ({ ...step, name, fault })),
  ),
)(
  'when $step of $logs logs $name, nothing is answered that is not in the log; then it goes on',
  async ({ logs: count, step, fault }) => {
    const logs: string[] = [];
    while (logs.length < count) logs.push(await givenLog(house.tools));
    let isFaulty = true;
    const writer = writerThrough((at, send) => {
      if (at !== step || !isFaulty) return send();
      isFaulty = false;
      return fault(send);
    });
    expect(await answeredWithoutEntry(writer, logs)).toEqual({ missing: [], answered: 0 });
    expect(isFaulty).toBe(false);
    expect(await answeredWithoutEntry(writer, logs)).toEqual({ missing: [], answered: count * 2 });
    await writer.close();
    expect((await verifyLog(house.tools)).findings).toEqual([]);
  },
);

test('its twin, which takes a lost COMMIT for done, is caught', async () => {
  const logs = [await givenLog(house.tools), await givenLog(house.tools)];
  const writer = writerThrough((at, send) => (at === 'commit' ? Promise.resolve({}) : send()));
  const { missing, answered } = await answeredWithoutEntry(writer, logs);
  expect([missing.length, answered]).toEqual([4, 4]);
  await house.admin.raw(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where usename = 'sluice_app' and datname = current_database()`,
  );
  await writer.close();
});

test('a lost race is tried again under the lock of the head', async () => {
  const { tools } = house;
  const log = await givenLog(tools);
  const seen: string[] = [];
  const one = writerThrough((at, send) => {
    seen.push(at);
    return send();
  });
  const two = writerThrough((_at, send) => send());
  await write(one, log);
  await write(two, log);
  seen.length = 0;
  expect(await write(one, log)).toMatchObject({ written: { appended: true, index: 2 } });
  expect(seen).toEqual(['log-append', 'begin', 'log-head-for-update', 'log-append', 'commit']);
  await Promise.all([one.close(), two.close()]);
});

test('entries beyond the bound of the queue are refused at once, the others are written', async () => {
  const log = await givenLog(house.tools);
  let go = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const writer = writerThrough(async (_at, send) => {
    await gate;
    return send();
  });
  const all = Promise.allSettled(Array.from({ length: 10_300 }, () => write(writer, log)));
  await new Promise((resolve) => setTimeout(resolve, 20));
  go();
  const refused = (await all).filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(300);
  expect(refused[0]?.reason).toMatchObject({
    kind: { code: 'log-unavailable' },
    facts: { retryAfterSeconds: 1 },
  });
  await writer.close();
  await expect(write(writer, log)).rejects.toMatchObject({ kind: { code: 'log-unavailable' } });
}, 30_000);

test('a connection that ended while nobody wrote is replaced before the next entry', async () => {
  const log = await givenLog(house.tools);
  const db = openDatabase(house.urls.app, { max: 1 });
  let pid = 0;
  const open = async () => {
    const session = await openSession(db);
    const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
    pid = rows[0]?.pid ?? 0;
    return session;
  };
  const writer = startLogWriter(open, house.tools.log);
  expect((await write(writer, log)).written).toMatchObject({ appended: true, index: 0 });
  const first = pid;
  await house.admin.raw('select pg_terminate_backend(?, 5000)', [first]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await write(writer, log)).written).toMatchObject({ appended: true, index: 1 });
  expect(pid).not.toBe(first);
  await writer.close();
  await db.destroy();
});
