import type { RefusalKind } from '../platform/refusal.ts';

/** What was exported of one log at one time, and what its files were. */
export interface LogExport {
  readonly recipientId: string;
  readonly from: number;
  readonly past: number;
  /** The entries are of months before this one: its first day. */
  readonly before: string;
  readonly files: number;
  readonly digest: Buffer;
}

export const LogArchiveUnavailable = {
  code: 'log-archive-unavailable',
  status: 503,
  title: 'This part of the log is in its archive, which can’t be read now.',
} as const satisfies RefusalKind;

export const LogArchiveUnset = {
  code: 'log-archive-unset',
  status: 409,
  title: 'Detached entries are read from SLUICE_LOG_ARCHIVE, which is another folder.',
} as const satisfies RefusalKind;

export const ExportWrong = {
  code: 'log-export-wrong',
  status: 409,
  title: 'The exported files are not the log.',
} as const satisfies RefusalKind;

export const MonthOpen = {
  code: 'month-open',
  status: 422,
  title: 'The month is not over.',
} as const satisfies RefusalKind;
