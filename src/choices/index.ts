/** Choices: what customers said of the sharing of their data. Owns `choices`. */
export { mayShare, objectionToChoice, objectionToSharing, refusalOf } from './choice-rules.ts';
export { findChoices, insertChoice } from './choice-store.ts';
export { InvalidChoice, isSharing, type Choice, type Sharing } from './choice.ts';
export { listChoices } from './list-choices.ts';
