import { hkdfSync } from 'node:crypto';
import type { Tools } from '../platform/tools.ts';
import { useJti } from './jti-store.ts';
import {
  isNonceOf,
  nonceAt,
  verifyProof,
  type HeldProof,
  type ProofFault,
  type ProvenRequest,
} from './proof-rules.ts';

type Checking = Pick<Tools, 'db' | 'clock' | 'settings' | 'log'>;

/** Whether a proof holds for a request, before it is known whether it was used. */
export async function readProof(
  { clock, settings, log }: Checking,
  proof: string,
  request: ProvenRequest,
): Promise<HeldProof | ProofFault> {
  const now = clock.now();
  const isOurNonce = isNonceOf(nonceKey(settings), now);
  const held = await verifyProof(proof, request, { now, isOurNonce });
  if (typeof held === 'string') log.info({ because: held }, 'proof refused');
  return held;
}

/** Uses a proof up: false where it was used before, in any process. */
export async function isFirstUse({ db, clock, log }: Checking, held: HeldProof): Promise<boolean> {
  const { jkt, jti, expiresAt } = held;
  const isFirst = await useJti(db, {
    ...{ signer: jkt, jti },
    ...{ expiresAt, now: clock.now() },
  });
  if (!isFirst) log.warn({ jkt }, 'proof used again');
  return isFirst;
}

/**
 * The key of a proof that holds for a request and was not used before, in any process; otherwise why
 * not (`used`: it was). It is used up by this.
 */
export async function checkProof(
  tools: Checking,
  proof: string,
  request: ProvenRequest,
): Promise<{ readonly jkt: string } | { readonly fault: ProofFault | 'used' }> {
  const held = await readProof(tools, proof, request);
  if (typeof held === 'string') return { fault: held };
  return (await isFirstUse(tools, held)) ? { jkt: held.jkt } : { fault: 'used' };
}

/** The nonce that the next proof is to have (RFC 9449, section 8). */
export const nextNonce = ({ clock, settings }: Pick<Tools, 'clock' | 'settings'>): string =>
  nonceAt(nonceKey(settings), clock.now());

/** All processes have the keys of the data folder, and so the nonces. */
function nonceKey({ keys }: Tools['settings']): Buffer {
  return Buffer.from(hkdfSync('sha256', keys.cursor, '', 'sluice dpop nonce', 32));
}
