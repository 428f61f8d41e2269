/** Projection: what a view shows of a record, as SQL over joint records and as text. Owns no table. */
export { compileView, type CompiledView } from './compilation-rules.ts';
export type { JsonSchema, ViewDocument } from './document.ts';
export { fieldsShown, leavesOf, narrowType, showsFields } from './narrowing-rules.ts';
export { projectRecord } from './projection-rules.ts';
