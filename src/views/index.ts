/** Views: what each partner may see, proven before it is published. Owns `views`, `view_retirements`. */
export { waitingFields } from './comparison-rules.ts';
export { diffView, type ViewDiff } from './diff-view.ts';
export { endOf, stageOf, versionHeaders, viewServed, viewsServed } from './lifecycle-rules.ts';
export { previewView, type TypePreview } from './preview-view.ts';
export { checkView, publishView, publishViewIn } from './publish-view.ts';
export { retireView } from './retire-view.ts';
export { findViews } from './view-store.ts';
export { type View } from './view.ts';
