import type { RefusalKind } from '../platform/refusal.ts';

/** The head log, the log of logs, is kept like a recipient's: of the recipient that nobody is. */
export const headLog = '00000000-0000-0000-0000-000000000000';

/** How far one recipient's log has come. */
export interface LogHead {
  readonly recipientId: string;
  readonly logId: string;
  /** The log's name in its checkpoints: host/log/id. */
  readonly origin: string;
  readonly size: number;
  readonly epoch: bigint;
  /** Roots of the complete subtrees along the right edge, the largest first. */
  readonly frontier: readonly Buffer[];
}

export const LogUnavailable = {
  code: 'log-unavailable',
  status: 503,
  title: 'The disclosure could not be logged for certain, so nothing was disclosed.',
} as const satisfies RefusalKind;

export const UnknownLog = {
  code: 'log-unknown',
  status: 404,
  title: 'This recipient has no disclosure log.',
} as const satisfies RefusalKind;

/** A fault: every recipient's log is opened with the recipient. */
export function noLog(recipientId: string): Error {
  return new Error(`There is no disclosure log of recipient ${recipientId}.`);
}
