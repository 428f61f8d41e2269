import type { RefusalKind } from '../platform/refusal.ts';

/** What `backup.json` says of a backup. */
export interface Backup {
  /** Of this form of backup. */
  readonly version: 1;
  readonly madeAt: string;
  /** Of the PostgreSQL whose files these are, such as 18.4. */
  readonly postgres: string;
  /** The files fit machines of this kind alone, such as linux-x64. */
  readonly platform: string;
  /** The head log just before the backup began; null before its first beat. */
  readonly head: { readonly origin: string; readonly size: number; readonly root: string } | null;
  readonly logs: number;
  /** Whether the keys are in it; they are not where SLUICE_KEYS_DIR names another folder. */
  readonly hasKeys: boolean;
  /** SHA-256 of the file `manifest`. */
  readonly manifest: string;
}

/** One line of the manifest: a file with its bytes, or a folder (its path ends with a slash). */
export interface ManifestLine {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** Told as long work goes on. */
export type Progress = (done: { readonly files: number; readonly bytes: number }) => void;

export const BackupElsewhere = {
  code: 'backup-elsewhere',
  status: 409,
  title: 'The database is not the embedded one.',
} as const satisfies RefusalKind;

export const BackupExists = {
  code: 'backup-exists',
  status: 409,
  title: 'There is something in the place of the backup already.',
} as const satisfies RefusalKind;

export const BackupFailed = {
  code: 'backup-failed',
  status: 503,
  title: 'The backup broke off.',
} as const satisfies RefusalKind;

export const BackupDamaged = {
  code: 'backup-damaged',
  status: 422,
  title: 'This is no whole backup.',
} as const satisfies RefusalKind;

export const BackupUnfit = {
  code: 'backup-unfit',
  status: 422,
  title: 'The backup is of another kind of machine or database.',
} as const satisfies RefusalKind;

export const NothingToBackUp = {
  code: 'nothing-to-back-up',
  status: 409,
  title: 'The data folder has no database.',
} as const satisfies RefusalKind;

export const RestoreOccupied = {
  code: 'restore-occupied',
  status: 409,
  title: 'The data folder is in use already.',
} as const satisfies RefusalKind;
