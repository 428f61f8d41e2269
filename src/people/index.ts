/**
 * People: who works for the operator, with keys and roles; changes that one person proposes and a
 * second decides. Owns `staff`, `proposals`.
 */
export { addStaff } from './add-staff.ts';
export { approveChange, rejectProposal, withdrawProposal } from './decide-proposal.ts';
export { endStaff } from './end-staff.ts';
export { findProposal, findProposals, type ProposalOutline } from './proposal-store.ts';
export { proposalIdOf, proposalStatuses, UnknownProposal } from './proposal.ts';
export type { Named, Proposal, ProposalId, ProposalKind, ProposalStatus } from './proposal.ts';
export { proposeChange } from './propose-change.ts';
export { rotateStaffKey } from './rotate-staff-key.ts';
export { countHolders, findAllStaff, lockRoles } from './staff-store.ts';
export { checkRole, RoleMissing, roles } from './staff.ts';
export type { Role, Staff, StaffCaller, StaffId } from './staff.ts';
export { verifyStaffKey } from './verify-staff-key.ts';
