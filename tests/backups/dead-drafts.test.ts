import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { markDraft, removeDeadDrafts } from '../../src/backups/dead-drafts.ts';
import { ownIdentity } from '../../src/platform/embedded/process-identity.ts';
import { builtModule } from '../support/build.ts';
import { startScript } from '../support/child.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-drafts-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function given(name: string, maker?: object | string): string {
  const draft = join(folder, name);
  mkdirSync(join(draft, 'cluster'), { recursive: true });
  if (maker !== undefined) {
    writeFileSync(join(draft, 'maker'), typeof maker === 'string' ? maker : JSON.stringify(maker));
  }
  return draft;
}

test('what a killed backup left is removed; what is filled, or may be, stays', async () => {
  const dead = given('yesterday.making-1');
  const marked = startScript(
    'const { markDraft } = await import(process.argv[1]); markDraft(process.argv[2]); setInterval(() => 1, 1000); console.log("marked")',
    builtModule('backups/dead-drafts.ts'),
    dead,
  );
  await marked.says(/marked/);
  const filled = given('today.making-2');
  markDraft(filled);
  const own = ownIdentity();
  const rest = {
    unmarked: given('old.making-3'),
    torn: given('torn.making-4', '{"pid":'),
    ofAnotherContainer: given('far.making-5', { ...own, pid: 999_999, space: 'pid:[1]' }),
    ofAnotherBoot: given('before.making-6', { ...own, pid: 999_999, startedAt: 'boot 12' }),
    ofNobody: given('odd.making-7', { pid: -1 }),
    noDraft: given('backup', { ...own, pid: 999_999 }),
  };
  removeDeadDrafts(folder);
  expect(existsSync(dead)).toBe(true);
  marked.process.kill('SIGKILL');
  await marked.ended();
  removeDeadDrafts(folder);
  expect(existsSync(dead)).toBe(false);
  for (const draft of [filled, ...Object.values(rest)]) expect([draft, existsSync(draft)]).toEqual([draft, true]); // prettier-ignore
});
