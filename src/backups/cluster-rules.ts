/**
 * What of a cluster's folder a base backup holds (PostgreSQL, "Making a Base Backup Using the Low
 * Level API": backing up the data directory). Paths are relative to the folder.
 */

/** Whether a folder is in the backup without what is in it: PostgreSQL fills it anew. */
export function isKeptEmpty(path: string): boolean {
  return emptied.has(path);
}

/** Whether a file or folder is not in the backup: of one run, of one session, or a cache. */
export function isLeftOut(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return passing.has(name) || passingNames.test(name);
}

const emptied = new Set([
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_wal',
]);

const passing = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'postgresql.auto.conf.tmp',
  'current_logfiles',
  'current_logfiles.tmp',
  'backup_label',
  'backup_label.old',
  'backup_manifest',
  'tablespace_map',
  'tablespace_map.old',
]);

/** Temporary files, temporary tables, the cache of the system tables. */
const passingNames = /^(pgsql_tmp|t\d+_\d+|pg_internal\.init)/;
