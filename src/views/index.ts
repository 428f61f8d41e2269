/** Views: what each partner may see, proven before it is published. Owns `views`. */
export { compileView, type CompiledView } from './compilation-rules.ts';
export { fieldsShown, narrowType, showsFields } from './narrowing-rules.ts';
export { projectRecord } from './projection-rules.ts';
export { checkView, publishView } from './publish-view.ts';
export { findView } from './view-store.ts';
export { type View, type ViewDocument } from './view.ts';
