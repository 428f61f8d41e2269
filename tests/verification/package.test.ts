import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { builtMain } from '../support/build.ts';
import { givenProofFile, hostKey } from './given.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-package-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('who installs the package verifies with sluice/verify, and still reaches its files', () => {
  const home = join(folder, 'node_modules/sluice');
  mkdirSync(home, { recursive: true });
  copyFileSync('package.json', join(home, 'package.json'));
  symlinkSync(dirname(builtMain()), join(home, 'dist'));
  symlinkSync(resolve('schemas'), join(home, 'schemas'));
  const { file: proof, body, facts } = givenProofFile();
  const given = JSON.stringify({ proof, body: body.toString(), key: hostKey });
  writeFileSync(
    join(folder, 'use.mjs'),
    `import { createRequire } from 'node:module';
     import { verifyProof } from 'sluice/verify';
     const { body, ...given } = ${given};
     const verdict = await verifyProof({ ...given, body: new TextEncoder().encode(body) });
     const { name } = createRequire(import.meta.url)('sluice/package.json');
     const settings = import.meta.resolve('sluice/schemas/settings.json');
     console.log(JSON.stringify({ verdict, name, settings }));`,
  );
  // The warnings, if any, would tell of what is still experimental in Node.
  const out = execFileSync(process.execPath, ['use.mjs'], { cwd: folder, encoding: 'utf8' });
  const { verdict, name, settings } = JSON.parse(out);
  expect(verdict).toMatchObject({ ...facts, isBodyProven: true });
  expect([name, settings]).toEqual(['sluice', expect.stringMatching(/schemas\/settings\.json$/)]);
});

test('the package names the types and the code of one module', () => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const { types, default: code } = exports['./verify'];
  expect(types).toBe(code.replace(/\.js$/, '.d.ts'));
  expect(readFileSync('tsconfig.json', 'utf8')).toContain('"declaration": true');
});
