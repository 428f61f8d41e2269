import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { manifestText, parseBackup, parseManifest } from '../../src/backups/manifest-rules.ts';
import { isKeptEmpty, isLeftOut } from '../../src/backups/cluster-rules.ts';

const part = fc.stringMatching(/^[A-Za-z0-9_][\w.-]{0,12}$/);
const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const file = fc.record({
  path: fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  size: fc.nat(),
  sha256: hash,
});
const folder = part.map((name) => ({ path: `${name}/`, size: 0, sha256: '' }));
const lines = fc.uniqueArray(fc.oneof(file, folder), {
  minLength: 1,
  selector: ({ path }) => path,
});

test('a manifest is read as it was written, each folder before what is in it', () => {
  fc.assert(
    fc.property(lines, (given) => {
      const read = parseManifest(manifestText(given))!;
      const paths = read.map(({ path }) => path);
      expect(paths).toEqual(given.map(({ path }) => path).sort());
      expect(new Set(read.map((one) => JSON.stringify(one)))).toEqual(
        new Set(given.map((one) => JSON.stringify(one))),
      );
    }),
  );
});

test('a manifest that was cut off is none', () => {
  fc.assert(
    fc.property(lines, fc.nat(), (given, chance) => {
      const text = manifestText(given);
      const cut = text.slice(0, chance % text.length);
      expect(cut.endsWith('\n') || parseManifest(cut) === undefined).toBe(true);
    }),
  );
});

test.each(['/etc/passwd', '../keys/log', 'cluster/../../x', 'cluster//x', './x', 'a\\b', 'a/', ''])(
  'a manifest that names a path such as %p is none, but for a folder',
  (path) => {
    const line = { path, size: 1, sha256: 'a'.repeat(64) };
    expect(parseManifest(manifestText([line])) === undefined).toBe(path !== 'a/');
  },
);

test('what is no backup.json of ours is none', () => {
  for (const text of ['', '{}', 'null', '{"version":2}', '[]']) {
    expect(parseBackup(text)).toBeUndefined();
  }
});

test('a base backup leaves out what belongs to one run or one session', () => {
  for (const path of [
    'postmaster.pid',
    'base/5/t3_1234',
    'base/pgsql_tmp',
    'global/pg_internal.init',
    'backup_label',
  ]) {
    expect(isLeftOut(path)).toBe(true);
  }
  for (const path of [
    'PG_VERSION',
    'base/5/1234',
    'base/5/1234_fsm',
    'global/pg_filenode.map',
    'pg_xact/0000',
    'table',
  ]) {
    expect(isLeftOut(path)).toBe(false);
  }
  expect(['pg_wal', 'pg_replslot', 'base', 'pg_xact'].map(isKeptEmpty)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
