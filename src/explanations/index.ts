/**
 * Explanations: why something was or was not shown, now or then, and the page itself again. Owns no
 * table.
 */
export { explainSharing } from './explain-sharing.ts';
export type { Explanation } from './explanation.ts';
export { remakeDisclosure, type Remade } from './remake-disclosure.ts';
export { remakeSubjects, type RemadeSubject } from './remake-subjects.ts';
