import type { Tools } from '../platform/tools.ts';
import { findFormerOrigins, findHead, headLog, hostOf, signersOf } from '../logs/index.ts';

/**
 * The verifier keys as signed-note writes them: of all recipients' logs and of the head log, first the
 * present ones, then those that signed before; last those of the names that the head log had before.
 */
export async function logKeys({
  db,
  settings,
}: Pick<Tools, 'db' | 'settings'>): Promise<readonly string[]> {
  const head = await findHead(db, headLog);
  const names = [hostOf(settings), ...(head ? [head.origin] : [])];
  const signers = names.map((name) => signersOf(settings, name));
  const present = (signers[0] ?? []).flatMap((_, age) =>
    signers.flatMap((ofName) => ofName[age]?.verifierKey ?? []),
  );
  const former = (await findFormerOrigins(db, headLog)).flatMap((name) =>
    signersOf(settings, name),
  );
  return [...present, ...former.map(({ verifierKey }) => verifierKey)];
}
