import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkBackup } from '../../src/backups/check-backup.ts';
import { isFolder, manifestText } from '../../src/backups/manifest-rules.ts';
import { openDraft, sha256Of } from '../../src/backups/open-draft.ts';

/** A small backup of these files in one folder, and what becomes of it in the end. */
async function withBackup(
  files: readonly Uint8Array[],
  work: (from: string) => void,
): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'sluice-check-'));
  try {
    const from = join(parent, 'backup');
    const draft = openDraft(from);
    draft.addFolder('cluster');
    for (const [i, bytes] of files.entries()) draft.write(`cluster/${i}`, Buffer.from(bytes));
    writeFileSync(join(parent, 'copied'), 'as it was');
    draft.copy(join(parent, 'copied'), 'cluster/copied');
    const manifest = manifestText(draft.lines);
    draft.write('manifest', Buffer.from(manifest));
    const said = {
      version: 1,
      madeAt: '2026-11-24T00:00:00.000Z',
      postgres: '18.4',
      platform: 'linux-x64',
      head: null,
      logs: 0,
      hasKeys: false,
      manifest: sha256Of(manifest),
    };
    draft.write('backup.json', Buffer.from(JSON.stringify(said)));
    await draft.finish();
    work(from);
  } finally {
    rmSync(parent, { recursive: true });
  }
}

const files = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), {
  minLength: 1,
  maxLength: 5,
});

test('a backup as it was made is whole', async () => {
  await fc.assert(
    fc.asyncProperty(files, async (given) => {
      await withBackup(given, (from) => {
        const { lines } = checkBackup(from);
        expect(lines.filter((line) => !isFolder(line))).toHaveLength(given.length + 1);
      });
    }),
    { numRuns: 8 },
  );
});

type Harm = (file: string, chance: number) => void;
const harms: Record<string, Harm> = {
  'a flipped bit': (file, chance) => {
    const bytes = readFileSync(file);
    bytes[chance % bytes.length]! ^= 1 << (chance % 8);
    writeFileSync(file, bytes);
  },
  'a byte less': (file) => {
    writeFileSync(file, readFileSync(file).subarray(1));
  },
  'a byte more': (file) => {
    appendFileSync(file, '\0');
  },
  'no file': (file) => {
    rmSync(file);
  },
  'a link in its place': (file) => {
    const bytes = readFileSync(file);
    writeFileSync(`${file}-elsewhere`, bytes);
    rmSync(file);
    symlinkSync(`${file}-elsewhere`, file);
  },
};

test.each(Object.entries(harms))('%s is found, and the file is named', async (_, harm) => {
  await fc.assert(
    fc.asyncProperty(files, fc.nat(), async (given, chance) => {
      await withBackup(given, (from) => {
        const path = `cluster/${chance % given.length}`;
        harm(join(from, path), chance);
        expect(() => checkBackup(from)).toThrow(new RegExp(`${path} (was|is|has)`));
      });
    }),
    { numRuns: 8 },
  );
});

test.each(Object.entries(harms).filter(([name]) => name !== 'a link in its place'))(
  '%s of the manifest is found',
  async (_, harm) => {
    await withBackup([Buffer.from('x')], (from) => {
      harm(join(from, 'manifest'), 11);
      expect(() => checkBackup(from)).toThrow(/manifest is/);
    });
  },
);
