/** Operator: the API for those who work for the operator, and what takes two of them. Owns no table. */
export { listProposals } from './list-proposals.ts';
export { operatorEndpoints } from './operator-endpoints.ts';
export { proposalKinds } from './proposal-kinds.ts';
export { readProposal } from './read-proposal.ts';
