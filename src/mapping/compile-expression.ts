import jsonata from 'jsonata';
import { Refusal } from '../platform/refusal.ts';
import { type ExpressionFault, faultsOf, namesBoundIn } from './expression-rules.ts';
import { functionsOf } from './function-rules.ts';
import { plainRecord } from './value-rules.ts';
import type { Assumptions } from './mapping.ts';
import type { Joined, Mapped, Row, RowMapper } from './row.ts';

/** Enough for any record; an expression that needs more is not about one record. */
const limits = { timeout: 2_000, stack: 300, sequence: 100_000 };

/**
 * Compiles a JSONata expression: either the mapper or what the expression may not say
 * (see faultsOf). `joins` are the names under which joined rows are seen.
 */
export async function compileExpression(
  text: string,
  joins: readonly string[],
  assumptions: Assumptions,
): Promise<RowMapper | readonly ExpressionFault[]> {
  let expression: jsonata.Expression;
  try {
    expression = jsonata(text, limits);
  } catch (error) {
    if (!isJsonataError(error)) throw error;
    return [{ position: error.position ?? 0, reason: error.message }];
  }
  const tree = expression.ast();
  const shadows = await shadowedBy([...namesBoundIn(tree), ...joins]);
  const faults = [
    ...faultsOf(tree, joins, assumptions),
    ...shadows.map((name) => ({ position: 0, reason: `$${name} is the name of a function` })),
  ];
  if (faults.length > 0) return faults;
  for (const [name, body] of Object.entries(functionsOf(assumptions))) {
    expression.registerFunction(name, body);
  }
  return (row, joined) => mapRow(expression, row, joined);
}

async function mapRow(expression: jsonata.Expression, row: Row, joined: Joined): Promise<Mapped> {
  try {
    const made: unknown = await expression.evaluate(row, joined);
    const list = made === undefined || made === null ? [] : Array.isArray(made) ? made : [made];
    return { records: list.map(plainRecord) };
  } catch (error) {
    if (error instanceof Refusal) return { code: error.kind.code, reason: error.message };
    if (!isJsonataError(error)) throw error;
    const at = error.position === undefined ? '' : ` (position ${String(error.position)})`;
    // JSONata's own sentence may quote what stands in the row.
    const reason = `The expression failed on this row: JSONata ${error.code}${at}.`;
    const isEndless = error.code === 'D1012';
    return { code: 'mapping-failed', reason, ...(isEndless && { endless: true }) };
  }
}

/** The names that JSONata or we use for functions: binding them would hide what was checked. */
async function shadowedBy(names: readonly string[]): Promise<string[]> {
  const own = functionsOf({});
  const taken = await Promise.all(
    names.map(async (name) => {
      if (Object.hasOwn(own, name)) return true;
      return (await jsonata(`$${name}`).evaluate({})) !== undefined;
    }),
  );
  return names.filter((_, index) => taken[index]);
}

interface JsonataError {
  readonly code: string;
  readonly message: string;
  readonly position?: number;
}

/** JSONata throws plain objects for what is wrong with an expression or with its input. */
function isJsonataError(error: unknown): error is JsonataError {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^[STDU]\d{4}$/.test(error.code) &&
    'message' in error
  );
}
