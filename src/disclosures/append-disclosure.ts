import { writeEntry } from '../logs/index.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import { disclosureId } from '../transparency/index.ts';
import type { Appended, Disclosure } from './disclosure.ts';
import { composeEntry } from './entry-rules.ts';

/**
 * Writes down what is about to be shown. Answers only when the entry is committed: no byte may
 * leave before. `epoch-changed`: rights were taken away since the decision was read, so decide and
 * read again. Throws Refusal `log-unavailable` on any doubt, and then nothing may be shown.
 */
export async function appendDisclosure(tools: Tools, disclosure: Disclosure): Promise<Appended> {
  const entry = composeEntry(disclosure, {
    entryId: newUuid(tools),
    at: tools.clock.now(),
    secret: tools.random.bytes(32),
  });
  const written = await writeEntry(tools, entry);
  if (!written.appended) return written;
  const salt = entry.salt.toString('base64url');
  return { appended: true, id: disclosureId(entry.entryId), salt, index: written.index };
}
