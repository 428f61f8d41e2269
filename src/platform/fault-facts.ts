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

/** With its message, unless that quotes: PostgreSQL's do (they have an SQLSTATE), and a parser's. */
function stackOf(error: Error): string | undefined {
  const quotes = /^[0-9A-Z]{5}$/.test(codeOf(error) ?? '') || error.name === 'SyntaxError';
  if (!quotes) return error.stack;
  const [, ...frames] = (error.stack ?? '').split(/\n(?= {4}at )/);
  return [error.name, ...frames].join('\n');
}
