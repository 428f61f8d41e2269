import type { Row } from '../mapping/index.ts';

/** A line that could not be read; `stops` where nothing after it can be read either. */
export interface LineProblem {
  readonly line: number;
  readonly code: string;
  readonly reason: string;
  readonly stops?: true;
}

/** What reading a file gives, row by row; lines are counted from 1. */
export type RowRead = { readonly line: number; readonly row: Row } | LineProblem;

/** A line or record that was not taken, and why. */
export interface Rejection {
  readonly file: string;
  readonly line: number;
  /** JSON Pointer into the record; empty where the line itself is at fault. */
  readonly field: string;
  readonly code: string;
  readonly reason: string;
}

/** What became of one file of the mapping. */
export interface FileReport {
  readonly file: string;
  readonly type: string;
  /** Rows read. */
  readonly read: number;
  /** Rows of which the expression made no record. */
  readonly skipped: number;
  /** Records that are right; new + changed + unchanged unless it was a dry run. */
  readonly accepted: number;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Lines and records that were not taken. */
  readonly rejected: number;
}

export interface LoadReport {
  readonly dryRun: boolean;
  readonly files: readonly FileReport[];
  /** All of them: a load stops when 10,000 lines are rejected. */
  readonly rejections: readonly Rejection[];
  /** What ended the load before everything was read; null where nothing did. */
  readonly stopped: Rejection | null;
}
