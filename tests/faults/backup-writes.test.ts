import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { checkBackup } from '../../src/backups/check-backup.ts';
import { builtMain } from '../support/build.ts';
import { endChildren } from '../support/child.ts';
import { openFaultHouse, type FaultHouse } from './gateway-process.ts';
import { callFaults, callsIn, isFaulty, isFull, startTraced, tracedTest } from './traced.ts';

jest.setTimeout(isFull ? 3_600_000 : 300_000);

let house: FaultHouse;
let parent: string;
let folder: string;
beforeAll(async () => {
  house = await openFaultHouse({ customers: 1 });
  await house.serve();
  parent = mkdtempSync(join(tmpdir(), 'sluice-backups-'));
  folder = join(parent, 'backups');
});
afterAll(async () => {
  endChildren();
  await house.close();
  rmSync(parent, { recursive: true, force: true });
});

/** A backup whose calls on its own files, and on some of the copied ones, are traced. */
async function backUp(fault?: string) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const out = join(folder, 'backup');
  const draft = `${out}.making-$$`;
  const own = ['maker', 'manifest', 'backup.json', 'keys', 'keys/log', 'passwords'];
  const copied = ['PG_VERSION', 'global/pg_control', 'backup_label'].map(
    (name) => `cluster/${name}`,
  );
  const paths = [folder, out, draft, ...[...own, ...copied].map((path) => `${draft}/${path}`)];
  const trace = join(parent, 'trace');
  const environment = { SLUICE_DATA_DIR: house.dataDir, SLUICE_LOG_LEVEL: 'fatal' };
  const words = [builtMain(), 'backup', '--out', out];
  const child = startTraced({ trace, paths, fault }, words, environment);
  return { code: await child.ended(), said: child.text(), trace, out };
}

const problemOf = (out: string) => {
  try {
    checkBackup(out);
    return undefined;
  } catch (error) {
    return String(error);
  }
};

/** Injects one fault, and answers what is wrong with what is there then, and after another backup. */
async function inject(fault: string): Promise<string[]> {
  const { code, said, trace, out } = await backUp(fault);
  const wrong: string[] = [];
  if (!isFaulty(trace)) wrong.push('no fault');
  const isDone = existsSync(out);
  if (isDone && problemOf(out) !== undefined) wrong.push(`it looks whole: ${problemOf(out)}`);
  if (code === 1) {
    if (!said.endsWith('(backup-failed)\n')) wrong.push(`it says ${said}`);
    if (readdirSync(folder).length > 0) wrong.push(`it left ${readdirSync(folder).join()}`);
  } else if (code === 0 ? !isDone : code !== 'SIGKILL') wrong.push(`it ended with ${code}`);
  const next = house.sluice('backup', '--out', join(folder, 'next'));
  if ((await next.ended()) !== 0) wrong.push(`the next: ${next.text()}`);
  else if (problemOf(join(folder, 'next')) !== undefined) wrong.push('the next is not whole');
  // Killed before it had said who it is, or after it was whole, it is nobody's for certain.
  const isMarked = readdirSync(folder).some((name) => {
    const mark = statSync(join(folder, name, 'maker'), { throwIfNoEntry: false });
    return mark !== undefined && mark.size > 0;
  });
  if (isMarked) wrong.push('what it left is still there');
  return wrong.map((what) => `${fault}: ${what}`);
}

tracedTest('a backup is whole or does not look so, whatever call fails', async () => {
  const { code, trace } = await backUp();
  expect(code).toBe(0);
  const all = callsIn(trace).flatMap(({ name, when }) =>
    callFaults.map((fault) => `${name}:${fault}:when=${String(when)}`),
  );
  // The last of them: the sync of the folder that has the new name.
  const last = all.filter((fault) => fault.startsWith('fsync:error=EIO')).at(-1) ?? '';
  const faults = isFull ? all : [...new Set([...all.filter((_, i) => i % 40 === 5), last])];
  const found: string[] = [];
  for (const fault of faults) found.push(...(await inject(fault)));
  expect(found).toEqual([]);
  process.stderr.write(`backup: ${faults.length} of ${all.length} faults injected, 0 broken\n`);
});
