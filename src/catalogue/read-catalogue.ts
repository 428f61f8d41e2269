import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Refusal } from '../platform/refusal.ts';
import { readStrictJson } from '../platform/strict-json.ts';
import { readDeclaration, type Declaration } from './catalogue-rules.ts';
import { compileShape } from './compile-shape.ts';
import {
  RecordTypesRefused,
  type Catalogue,
  type CatalogueProblem,
  type RecordType,
} from './record-type.ts';
import { problem } from './schema-rules.ts';

/** The record types that Sluice has: schemas/records. */
const builtInFolder = fileURLToPath(new URL('../../schemas/records', import.meta.url));

/**
 * The catalogue of record types: those that Sluice has, and the business types that the operator
 * declares in other folders, one JSON Schema per file (the name of the file is the type's). Naming
 * schemas/records itself adds nothing. Throws one Refusal that lists every problem with its file,
 * its place in the schema (JSON Pointer) and the reason.
 */
export function readCatalogue(folders: readonly string[]): Catalogue {
  const problems: string[] = [];
  const note = (file: string, { place, sentence, promise }: CatalogueProblem) => {
    const [at, why] = [place === '' ? '' : ` ${place}`, promise ? ` (promise ${promise})` : ''];
    problems.push(`${file}${at}: ${sentence}${why}`);
  };
  const declared = readFolders(folders, note);
  const names = new Set(declared.map(({ name }) => name));
  const types: RecordType[] = [];
  for (const { file, ...declaration } of declared) {
    const read = readDeclaration(declaration, names);
    const found = 'type' in read ? compileProblems(read.type) : read.problems;
    for (const one of found) note(file, one);
    if ('type' in read) types.push(read.type);
  }
  if (problems.length > 0) throw new Refusal(RecordTypesRefused, problems.join('\n'));
  types.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { types: new Map(types.map((type) => [type.name, type])) };
}

const catalogues = new Map<string | undefined, Catalogue>();

/** The catalogue of an installation, read once: what Sluice has and what the operator declares. */
export function catalogueOf({
  recordTypesDir,
}: {
  readonly recordTypesDir: string | undefined;
}): Catalogue {
  const read = catalogues.get(recordTypesDir);
  if (read) return read;
  const catalogue = readCatalogue(recordTypesDir === undefined ? [] : [recordTypesDir]);
  catalogues.set(recordTypesDir, catalogue);
  return catalogue;
}

type Note = (file: string, problem: CatalogueProblem) => void;

function readFolders(folders: readonly string[], note: Note): (Declaration & { file: string })[] {
  const known = new Map<string, Declaration & { file: string }>();
  for (const folder of new Set([builtInFolder, ...folders.map(realPath)])) {
    for (const file of filesIn(folder, note)) {
      const name = basename(file, '.json');
      const shadowed = known.get(name);
      if (shadowed) {
        const whose = shadowed.isBusiness ? 'another folder' : 'Sluice itself';
        note(file, problem('', 'declared-twice', `"${name}" is declared by ${whose}`));
        continue;
      }
      const schema = readSchema(file, note);
      if (schema === undefined) continue;
      known.set(name, { file, name, isBusiness: folder !== builtInFolder, schema });
    }
  }
  return [...known.values()];
}

const realPath = (folder: string) => (existsSync(folder) ? realpathSync(folder) : folder);

function filesIn(folder: string, note: Note): string[] {
  try {
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
    return files.sort().map((file) => join(folder, file));
  } catch (error) {
    note(folder, problem('', 'no-folder', `the folder cannot be read (${reasonOf(error)})`));
    return [];
  }
}

function readSchema(file: string, note: Note): unknown {
  try {
    return readStrictJson(readFileSync(file), { maxBytes: 1_000_000 });
  } catch (error) {
    note(file, problem('', 'unreadable', reasonOf(error)));
    return undefined;
  }
}

/** What ajv in strict mode refuses although our own rules let it pass. */
function compileProblems(type: RecordType): CatalogueProblem[] {
  try {
    compileShape(type);
    return [];
  } catch (error) {
    return [problem('', 'not-a-schema', reasonOf(error))];
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
