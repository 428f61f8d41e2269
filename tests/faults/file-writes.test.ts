import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { findHead } from '../../src/logs/index.ts';
import { inTransaction } from '../../src/platform/database.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';
import { builtMain } from '../support/build.ts';
import { endChildren, startNode } from '../support/child.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { callFaults, callsIn, isFaulty, isFull, startTraced, tracedTest } from './traced.ts';
import { buildTwin } from './twin.ts';

jest.setTimeout(isFull ? 3_600_000 : 300_000);

let house: House;
let folder: string;
let dataDir: string;
/** 300 entries of a month that is over. */
let logId: string;
let month: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-writes-'));
  dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const now = new Date();
  const begin = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  month = begin.toISOString().slice(0, 7);
  house = await openHouse({ clock: testClock(new Date(begin.getTime() - 86_400_000)) });
  const log = await givenLog(house.tools);
  for (let left = 300; left > 0; left -= 50) {
    const pages = Array.from({ length: 50 }, () => givenDisclosure(log));
    await Promise.all(pages.map((page) => appendDisclosure(house.tools, page)));
  }
  logId = (await findHead(house.tools.db, log))?.logId ?? '';
});
afterAll(async () => {
  endChildren();
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

const environment = () => ({
  SLUICE_DATA_DIR: dataDir,
  DATABASE_URL: house.urls.app,
  DATABASE_READER_URL: house.urls.reader,
  SLUICE_BEAT_SECONDS: '1',
  SLUICE_LOG_LEVEL: 'fatal',
});

/** A command that writes files, and what must be of them whatever befalls it. */
interface Writing {
  readonly words: readonly string[];
  readonly paths: readonly string[];
  /** Puts everything back to before the command. */
  prepare(): Promise<void>;
  /** What is wrong with the files after a command that broke off or, then, one that did not. */
  wrong(isDone: boolean): readonly string[];
}

async function run(main: string, { words }: Writing) {
  const child = startNode([main, ...words], environment());
  return { code: await child.ended(), said: child.text() };
}

async function runTraced(main: string, { words, paths }: Writing, fault?: string) {
  const trace = join(folder, 'trace');
  const child = startTraced({ trace, paths, fault }, [main, ...words], environment());
  return { code: await child.ended(), said: child.text(), trace };
}

/** Injects one fault, and answers what is wrong afterwards, and after the next run. */
async function inject(main: string, writing: Writing, fault: string): Promise<string[]> {
  await writing.prepare();
  const { code, said, trace } = await runTraced(main, writing, fault);
  const wrong: string[] = [];
  if (!isFaulty(trace)) wrong.push('no fault');
  if (code === 0 && !fault.startsWith('close')) wrong.push('it ended with 0');
  // It says what happened in one sentence, and no stack.
  const isSaid = /^(sluice: .+\n)+$/.test(said) && /\([a-z-]+\)\n$/.test(said);
  if (typeof code === 'number' && code !== 0 && !isSaid) wrong.push(`it says ${said}`);
  wrong.push(...writing.wrong(code === 0));
  const next = await run(main, writing);
  if (next.code !== 0) wrong.push(`the next run: ${next.said}`);
  else wrong.push(...writing.wrong(true).map((what) => `after the next run: ${what}`));
  return wrong.map((what) => `${fault}: ${what}`);
}

/** Every call that the command makes on its files, each with every fault; or one in so many of them. */
async function faultsOf(main: string, writing: Writing, each = 1): Promise<string[]> {
  await writing.prepare();
  const { code, said, trace } = await runTraced(main, writing);
  expect([code, said]).toEqual([0, expect.anything()]);
  const all = callsIn(trace).flatMap(({ name, when }) =>
    callFaults.map((fault) => `${name}:${fault}:when=${String(when)}`),
  );
  return isFull ? all : all.filter((_, i) => i % each === 0);
}

const contentOf = (file: string) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

/** The checkpoint of a beat: the last but one, or the last. */
function beat(): Writing {
  const file = join(dataDir, 'head-checkpoint');
  let before: string | undefined;
  return {
    words: ['log', 'beat'],
    paths: [dataDir, file, `${file}.new`],
    prepare: async () => {
      if (!existsSync(file)) await run(builtMain(), beat());
      before = contentOf(file);
      // Beats are a second each.
      const begun = Math.floor(Date.now() / 1000);
      while (Math.floor(Date.now() / 1000) === begun) await new Promise((go) => setTimeout(go, 20));
    },
    wrong: (isDone) => {
      const content = contentOf(file);
      const isNew = /^\S+\/log\/head\n\d+\n\S{44}\n\n— \S+ \S+\n$/.test(content ?? '');
      const wrong = isNew || (!isDone && content === before) ? [] : [`${file} is torn`];
      if (isDone && content === before) wrong.push(`${file} is the old one`);
      if (isDone && readdirSync(dataDir).includes('head-checkpoint.new')) wrong.push('a draft');
      return wrong;
    },
  };
}

/** The files of an export: each is not there or whole. */
function exporting(whole: ReadonlyMap<string, string>): Writing {
  const out = join(folder, 'export');
  const own = join(out, logId);
  const files = ['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1', 'checkpoint'];
  const folders = ['', 'tile', 'tile/entries', 'tile/0', 'tile/1', 'tile/1/000.p'];
  return {
    words: ['log', 'export', '--before', month, '--out', out],
    paths: [
      ...folders.map((path) => join(own, path)),
      ...files.flatMap((path) => [join(own, path), join(own, `${path}.new`)]),
    ],
    prepare: async () => {
      rmSync(out, { recursive: true, force: true });
      // Nobody but a superuser could.
      await inTransaction(house.admin, async (tx) => {
        await tx.raw('set local session_replication_role = replica');
        await tx('log_exports').delete();
      });
    },
    wrong: (isDone) => {
      const there = filesIn(own);
      const wrong = files.flatMap((path) => {
        const content = there.get(path);
        const isRight = content === undefined ? !isDone : content === whole.get(path);
        return isRight ? [] : [`${path} is not whole`];
      });
      const others = [...there.keys()].filter((path) => !files.includes(path));
      return isDone && others.length > 0 ? [...wrong, `there is also ${others.join()}`] : wrong;
    },
  };
}

/** What is in a folder, by path. */
function filesIn(root: string): Map<string, string> {
  const found = new Map<string, string>();
  let entries;
  try {
    entries = readdirSync(root, { recursive: true, withFileTypes: true });
  } catch {
    return found;
  }
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found.set(path.slice(root.length + 1), readFileSync(path, 'latin1'));
  }
  return found;
}

/** The export's files as a run without a fault leaves them. */
async function wholeExport(): Promise<ReadonlyMap<string, string>> {
  const plain = exporting(new Map());
  await plain.prepare();
  expect(await run(builtMain(), plain)).toMatchObject({ code: 0 });
  const whole = filesIn(join(folder, 'export', logId));
  expect(whole.size).toBe(4);
  return whole;
}

async function injectAll(main: string, writing: Writing, each?: number) {
  const faults = await faultsOf(main, writing, each);
  const found: string[] = [];
  for (const fault of faults) found.push(...(await inject(main, writing, fault)));
  return { tried: faults.length, found };
}

tracedTest('the kept checkpoint is the old or the new one, whatever call fails', async () => {
  const { tried, found } = await injectAll(builtMain(), beat(), 4);
  expect(found).toEqual([]);
  expect(tried).toBeGreaterThanOrEqual(isFull ? 6 : 3);
  process.stderr.write(`head-checkpoint: ${tried} faults injected, 0 broken\n`);
});

tracedTest('every exported file is whole or not there, whatever call fails', async () => {
  const { tried, found } = await injectAll(builtMain(), exporting(await wholeExport()), 16);
  expect(found).toEqual([]);
  expect(tried).toBeGreaterThanOrEqual(isFull ? 6 : 3);
  process.stderr.write(`log export: ${tried} faults injected, 0 broken\n`);
});

tracedTest('a twin that writes its files in place is caught', async () => {
  const twin = buildTwin('writes-in-place.patch');
  try {
    const found = await inject(twin.main, beat(), 'write:signal=KILL:when=1');
    expect(found.join()).toContain('is torn');
    const exported = exporting(await wholeExport());
    const torn = await inject(twin.main, exported, 'write:signal=KILL:when=1');
    expect(torn.join()).toContain('is not whole');
  } finally {
    twin.remove();
  }
});
