/**
 * What the diagnostic log keeps of a fault: type, code and stack. The other members of a database
 * error may hold a customer's data.
 */
export function faultFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { fault: typeof error };
  const { name, stack, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { fault: name, code, stack, cause: cause instanceof Error ? cause.stack : undefined };
}
