import { hkdfSync } from 'node:crypto';
import { hashOf, useJti } from '../clients/index.ts';
import { DpopInvalid } from '../platform/http/kinds.ts';
import type { BoundRequest, BoundVerification } from '../platform/http/bearer.ts';
import type { Tools } from '../platform/tools.ts';
import {
  isNonceOf,
  nonceAt,
  verifyProof,
  type HeldProof,
  type ProofFault,
  type ProvenRequest,
} from './proof-rules.ts';
import type { Caller } from './token.ts';
import { verifyToken } from './verify-token.ts';

type Checking = Pick<Tools, 'db' | 'clock' | 'settings' | 'log'>;

/** Whether a proof holds for a request, before it is known whether it was used. */
async function readProof(
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

async function isFirstUse({ db, clock, log }: Checking, held: HeldProof): Promise<boolean> {
  const { jkt, jti, expiresAt } = held;
  const isFirst = await useJti(db, {
    ...{ signer: jkt, jtiHash: hashOf(jti) },
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

/**
 * Finds the caller behind a bound token and the proof that comes with it (RFC 9449, section 7). A
 * proof is used up only with a token that counts: nobody else makes us write.
 */
export async function verifyBoundToken(
  tools: Checking,
  { secret, proofs, method, path }: BoundRequest,
): Promise<BoundVerification<Caller>> {
  const nonce = nextNonce(tools);
  const refused = (error: NonNullable<BoundVerification<Caller>['error']>) =>
    ({ isLive: false, because: DpopInvalid, error, nonce }) as const;
  const [proof] = proofs;
  if (proof === undefined || proofs.length > 1) return refused('invalid_dpop_proof');
  const url = `${tools.settings.origin}${path}`;
  const held = await readProof(tools, proof, { method, url, token: secret });
  if (held === 'nonce') return refused('use_dpop_nonce');
  if (typeof held === 'string') return refused('invalid_dpop_proof');
  const again = () => verifyToken(tools, secret, { jkt: held.jkt });
  const verification = await again();
  if (!verification.isLive) return { ...verification, nonce };
  if (!(await isFirstUse(tools, held))) return refused('invalid_dpop_proof');
  return { ...verification, nonce, again };
}
