import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { canReach, databaseUser, giveTo, type DatabaseUser } from './database-user.ts';
import { unfit } from './unfit.ts';

/** Where the embedded database lives: its own folder, and the folder of its socket. */
export interface Place {
  readonly folder: string;
  readonly socketFolder: string;
  readonly user: DatabaseUser;
  /** Why it is not in the data folder; undefined where it is. */
  readonly moved: string | undefined;
}

/**
 * Decides once where the database of a data folder lives, and writes it down there
 * (database-place.json), so that a later start with another environment finds the same data.
 * `stateHome` is XDG_STATE_HOME.
 */
export function findPlace(dataDir: string, stateHome: string | undefined): Place {
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const home = realpathSync(dataDir);
  const note = noteIn(home);
  const known = knownFolder(home);
  const folder = known ?? chooseFolder(home, stateHome);
  const user = databaseUser(join(folder, 'cluster'));
  const wrong = whyUnfit(folder, user);
  if (wrong !== undefined) {
    throw unfit(`The database in ${folder} can't run: ${wrong}. Choose another SLUICE_DATA_DIR.`);
  }
  const isInside = folder === join(home, 'database');
  if (known === undefined) writeNote(note, isInside ? relative(home, folder) : folder);
  const socketFolder = chooseSocketFolder(folder, user);
  const moved = [
    ...(isInside ? [] : [`the database is in ${folder}`]),
    ...(socketFolder === join(folder, 'socket') ? [] : [`its socket is in ${socketFolder}`]),
  ].join(', ');
  return { folder, socketFolder, user, moved: moved === '' ? undefined : moved };
}

/** Where the database of a data folder lives, if that was ever decided. Makes nothing. */
export function knownFolder(dataDir: string): string | undefined {
  if (!existsSync(noteIn(dataDir))) return undefined;
  const { folder } = JSON.parse(readFileSync(noteIn(dataDir), 'utf8')) as { folder: string };
  return isAbsolute(folder) ? folder : join(realpathSync(dataDir), folder);
}

function chooseFolder(home: string, stateHome: string | undefined): string {
  const name = hashOf(home);
  const state = stateHome ?? join(homedir(), '.local', 'state');
  const folders = [
    join(home, 'database'),
    process.getuid?.() === 0 ? join('/var/lib/sluice', name) : join(state, 'sluice', name),
    join(tmpdir(), `sluice-${name}-${String(process.getuid?.() ?? 0)}`),
  ];
  const reasons: string[] = [];
  for (const folder of folders) {
    const wrong = whyUnfit(folder, databaseUser(join(folder, 'cluster')));
    if (wrong === undefined) return folder;
    reasons.push(`${folder}: ${wrong}`);
  }
  throw unfit(`No folder can hold the database. ${reasons.join('; ')}.`);
}

/** Makes the folder, closed to everyone but the database's user, and says what is wrong with it. */
function whyUnfit(folder: string, user: DatabaseUser): string | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    if (!lstatSync(folder).isDirectory()) return 'it is not a folder';
    giveTo(user, folder);
    chmodSync(folder, 0o700);
  } catch (error) {
    return (error as Error).message;
  }
  if ((statSync(folder).mode & 0o777) !== 0o700) return 'its file system keeps no rights';
  if (!canReach(user, folder)) return `${user.name} can't reach it`;
  return undefined;
}

/** A socket's path has at most 103 bytes everywhere (sockaddr_un). */
function chooseSocketFolder(folder: string, user: DatabaseUser): string {
  const near = join(folder, 'socket');
  const far = join(tmpdir(), `sluice-${hashOf(folder)}-${String(process.getuid?.() ?? 0)}`);
  const chosen = [near, far, join('/tmp', far.slice(tmpdir().length))].find(
    (one) => Buffer.byteLength(socketIn(one)) <= 103,
  );
  if (chosen === undefined) throw unfit(`${near} is too long for a socket, and so is ${far}.`);
  const wrong = whyUnfit(chosen, user);
  if (wrong !== undefined) throw unfit(`The socket's folder ${chosen} can't be used: ${wrong}.`);
  return chosen;
}

export const socketIn = (folder: string): string => join(folder, '.s.PGSQL.5432');

function writeNote(note: string, folder: string): void {
  try {
    writeFileSync(`${note}.new`, `${JSON.stringify({ folder })}\n`, { mode: 0o644 });
    renameSync(`${note}.new`, note);
  } catch (error) {
    throw unfit(`${note} can't be written: choose another SLUICE_DATA_DIR.`, error);
  }
}

const noteIn = (dataDir: string) => join(dataDir, 'database-place.json');
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
