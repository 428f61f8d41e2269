/** SQLSTATE of an error that PostgreSQL reported, or Node's code of a failed connection. */
export function databaseErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Whether the database is lost, unreachable or full, so that the caller may try again later (503).
 * What became of a commit that failed this way is unknown: answer as if it had not happened.
 */
export function isDatabaseGone(error: unknown): boolean {
  const code = databaseErrorCode(error);
  if (code !== undefined && (goneCodes.has(code) || /^(08|57P0)/.test(code))) return true;
  if (!(error instanceof Error)) return false;
  if (goneMessages.test(error.message) || error.name === 'KnexTimeoutError') return true;
  return isDatabaseGone(error.cause);
}

/** The name of the constraint that a statement broke; undefined where it broke none. */
export function brokenConstraint(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('constraint' in error)) return undefined;
  return typeof error.constraint === 'string' ? error.constraint : undefined;
}

/** Whether the same transaction may succeed when it is run again: it lost a race. */
export function isLostRace(error: unknown): boolean {
  const code = databaseErrorCode(error);
  return code === '40001' || code === '40P01';
}

// 53300: too many connections. 25P03: the server ended a transaction that idled. 57014: a statement
// took longer than it may.
const goneCodes = new Set([
  '53300',
  '25P03',
  '57014',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
]);

// pg and its pool give these no code; knex says before them what it was about to end.
const goneMessages =
  /^(?:(?:BEGIN|COMMIT|ROLLBACK)[A-Za-z ]*;? - )?(Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|aborted|Unable to acquire a connection)/;
