/**
 * What the diagnostic log keeps of a fault: type, code and stack. The other members of a database
 * error may hold a customer's data, and so may the message of one that quotes what it was given.
 */
export function faultFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { fault: typeof error };
  const { name, cause } = error;
  return {
    fault: name,
    code: codeOf(error),
    stack: stackOf(error),
    cause: cause instanceof Error ? stackOf(cause) : undefined,
  };
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** With its message, unless that may quote a value: PostgreSQL's mostly do, and a parser's. */
function stackOf(error: Error): string | undefined {
  const code = codeOf(error) ?? '';
  const isDatabases = /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE';
  const quotes = isDatabases ? !quotesNothing.test(code) : error.name === 'SyntaxError';
  if (!quotes) return error.stack;
  const [, ...frames] = (error.stack ?? '').split(/\n(?= {4}at )/);
  return [error.name, ...frames].join('\n');
}

/** Classes of SQLSTATE whose messages name constraints, columns and states, and never a value. */
const quotesNothing = /^(08|23|25|40|42|53|55|57|58)/;
