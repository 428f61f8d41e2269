import fc from 'fast-check';

/** A mutant is killed by the first failure: nothing is gained by looking for a smaller one. */
fc.configureGlobal({ endOnFailure: true });
