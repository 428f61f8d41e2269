/** Views: what each partner may see, proven before it is published. Owns `views`, `view_retirements`. */
export { compileView, type CompiledView } from './compilation-rules.ts';
export { compareViews, isWidening, waitingFields } from './comparison-rules.ts';
export type { ComparedField } from './comparison-rules.ts';
export { diffView, type FieldChange, type ViewDiff } from './diff-view.ts';
export { endOf, latestView, stageOf, versionHeaders } from './lifecycle-rules.ts';
export { viewServed, viewsServed } from './lifecycle-rules.ts';
export { fieldsShown, narrowType, showsFields } from './narrowing-rules.ts';
export { previewView, type TypePreview } from './preview-view.ts';
export { projectRecord } from './projection-rules.ts';
export { checkMoments, checkView, publishView, publishViewIn } from './publish-view.ts';
export { retireView } from './retire-view.ts';
export { findViews } from './view-store.ts';
export { InvalidView, type View, type ViewDocument, type ViewProblem } from './view.ts';
