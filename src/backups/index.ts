/**
 * Backups: the embedded database and the keys, copied while the gateway serves, and put back. Owns no
 * table.
 */
export { BackupElsewhere, NothingToBackUp, type Progress } from './backup.ts';
export { makeBackup } from './make-backup.ts';
export { matchesHead } from './matches-head.ts';
export { restoreBackup } from './restore-backup.ts';
