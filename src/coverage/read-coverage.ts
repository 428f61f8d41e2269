import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import type { Control, CoverageSources, SourceFile } from './coverage.ts';

const SourcesMissing = {
  code: 'sources-missing',
  status: 422,
  title: 'Coverage is read from the sources and tests, and they are not here.',
} as const satisfies RefusalKind;

/** The folder with package.json, from src as from what is built of it. */
const checkout = fileURLToPath(new URL('../../', import.meta.url));

/**
 * What coverage is judged by: the sources and tests beside package.json. Refuses `sources-missing` in
 * an installation that has none.
 */
export function readCoverage(root: string = checkout): CoverageSources {
  const lacking = ['src', 'migrations', 'schemas', 'tests'].filter(
    (folder) => !existsSync(join(root, folder)),
  );
  if (lacking.length > 0) {
    const detail = `${lacking.map((folder) => `${folder}/`).join(', ')} is not here: run it in a checkout.`;
    throw new Refusal(SourcesMissing, detail);
  }
  const listed = (file: string) =>
    JSON.parse(readFileSync(join(root, 'schemas', 'promises', file), 'utf8')) as unknown;
  return {
    policies: filesOf(root, 'schemas/policy', '.json')
      .filter(({ file }) => isPolicy.test(file))
      .map(({ text }) => JSON.parse(text) as unknown),
    controls: listed('controls.json') as Readonly<Record<string, Control>>,
    open: listed('open.json') as Readonly<Record<string, string>>,
    proofs: listed('proofs.json') as CoverageSources['proofs'],
    code: [
      ...filesOf(root, 'src', '.ts'),
      ...filesOf(root, 'migrations', '.sql'),
      ...filesOf(root, 'schemas', '.json').filter(
        ({ file }) => !/^schemas\/(policy|promises)\//.test(file),
      ),
    ],
    tests: filesOf(root, 'tests', '.test.ts').filter(
      ({ file }) => !file.startsWith('tests/architecture/'),
    ),
  };
}

/** Versions are named by year and number; beside them stand the schemas of what is said of them. */
const isPolicy = /\/[0-9]{4}-[0-9]+\.json$/;

function filesOf(root: string, folder: string, ending: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .sort()
    .map((file) => ({
      file: `${folder}/${file.replaceAll('\\', '/')}`,
      text: readFileSync(join(root, folder, file), 'utf8'),
    }));
}
