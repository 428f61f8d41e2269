import type { Tools } from '../platform/tools.ts';
import { findHead, headLog, hostOf, signersOf } from '../logs/index.ts';

/**
 * The verifier keys as signed-note writes them: of all recipients' logs and of the head log, first the
 * present ones, then those that signed before.
 */
export async function logKeys({
  db,
  settings,
}: Pick<Tools, 'db' | 'settings'>): Promise<readonly string[]> {
  const head = await findHead(db, headLog);
  const names = [hostOf(settings), ...(head ? [head.origin] : [])];
  const signers = names.map((name) => signersOf(settings, name));
  return (signers[0] ?? []).flatMap((_, age) =>
    signers.flatMap((ofName) => ofName[age]?.verifierKey ?? []),
  );
}
