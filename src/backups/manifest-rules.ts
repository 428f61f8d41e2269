import { problemsOf } from '../platform/schemas.ts';
import type { Backup, ManifestLine } from './backup.ts';

/** The manifest as a text: a line of JSON for each file and folder, in the order of their paths. */
export function manifestText(lines: readonly ManifestLine[]): string {
  const ordered = lines.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  return ordered.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** The lines of a manifest; undefined where it is none, or names a path outside the backup. */
export function parseManifest(text: string): ManifestLine[] | undefined {
  if (!text.endsWith('\n')) return undefined;
  const lines = text.slice(0, -1).split('\n').map(parsed);
  const right = lines.filter((line) => isLine(line));
  const isWhole = right.length === lines.length && right.every(({ path }) => isWithin(path));
  return isWhole ? right : undefined;
}

/** What backup.json says; undefined where it is none of ours. */
export function parseBackup(text: string): Backup | undefined {
  const value = parsed(text);
  return problemsOf('backups/backup', value).length === 0 ? (value as Backup) : undefined;
}

/** Whether a line is of a folder. */
export const isFolder = ({ path }: Pick<ManifestLine, 'path'>): boolean => path.endsWith('/');

const isLine = (value: unknown): value is ManifestLine =>
  problemsOf('backups/manifest-line', value).length === 0;

/** No absolute path, and none that climbs. */
const isWithin = (path: string) =>
  path
    .replace(/\/$/, '')
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
