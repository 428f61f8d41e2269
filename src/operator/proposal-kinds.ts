import { attributionChange } from '../attribution/index.ts';
import { viewPublication } from '../offers/index.ts';
import { payeeChange } from '../payees/index.ts';
import type { ProposalKind } from '../people/index.ts';
import { claimAcceptance } from '../resolutions/index.ts';

/**
 * Every kind of change that takes a second person, each exported by the room that owns the change.
 * What is not listed here can neither be approved nor rejected.
 */
export const proposalKinds: readonly ProposalKind[] = [
  viewPublication,
  payeeChange,
  attributionChange,
  claimAcceptance,
];
