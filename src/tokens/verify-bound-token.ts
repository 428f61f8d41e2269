import { DpopInvalid } from '../platform/http/kinds.ts';
import { urlsOf } from '../platform/http/own-hosts.ts';
import type { BoundRequest, BoundVerification } from '../platform/http/bearer.ts';
import type { Tools } from '../platform/tools.ts';
import { isFirstUse, nextNonce, readProof } from '../signatures/index.ts';
import type { Caller } from './token.ts';
import { verifyToken } from './verify-token.ts';

/**
 * Finds the caller behind a bound token and the proof that comes with it (RFC 9449, section 7). A
 * proof is used up only with a token that counts: nobody else makes us write.
 */
export async function verifyBoundToken(
  tools: Pick<Tools, 'db' | 'clock' | 'settings' | 'log'>,
  { secret, proofs, method, path, peer }: BoundRequest,
): Promise<BoundVerification<Caller>> {
  const nonce = nextNonce(tools);
  const refused = (error: NonNullable<BoundVerification<Caller>['error']>) =>
    ({ isLive: false, because: DpopInvalid, error, nonce }) as const;
  const [proof] = proofs;
  if (proof === undefined || proofs.length > 1) return refused('invalid_dpop_proof');
  const asked = { method, ...urlsOf(tools.settings, path), token: secret };
  const held = await readProof(tools, proof, asked);
  if (held === 'nonce') return refused('use_dpop_nonce');
  if (typeof held === 'string') return refused('invalid_dpop_proof');
  const again = () => verifyToken(tools, secret, { jkt: held.jkt, peer });
  const verification = await again();
  if (!verification.isLive) return { ...verification, nonce };
  if (!(await isFirstUse(tools, held))) return refused('invalid_dpop_proof');
  return { ...verification, nonce, again };
}
