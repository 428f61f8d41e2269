import type { Tools } from '../platform/tools.ts';
import { findHead, headLog, headSigner, logSigner } from '../logs/index.ts';

/** The verifier keys as signed-note writes them: of all recipients' logs, and of the head log. */
export async function logKeys({
  db,
  settings,
}: Pick<Tools, 'db' | 'settings'>): Promise<readonly string[]> {
  const head = await findHead(db, headLog);
  const keys = [logSigner(settings).verifierKey];
  return head ? [...keys, headSigner(settings, head).verifierKey] : keys;
}
