/** Views: what each partner may see, proven before it is published. Owns `views`, `view_retirements`. */
export { compareViews, isWidening, waitingFields } from './comparison-rules.ts';
export type { ComparedField } from './comparison-rules.ts';
export { diffView, type FieldChange } from './diff-view.ts';
export { endOf, latestView, stageOf, versionHeaders } from './lifecycle-rules.ts';
export { viewsAsReadAt, viewServed, viewsServed } from './lifecycle-rules.ts';
export { previewView, type TypePreview } from './preview-view.ts';
export { proveFee } from './prove-fee.ts';
export { checkMoments, checkView, publishView, publishViewIn } from './publish-view.ts';
export { retireView } from './retire-view.ts';
export { findViews } from './view-store.ts';
export { InvalidView, type View, type ViewProblem } from './view.ts';
