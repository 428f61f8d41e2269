import { NotFound } from '../platform/http/kinds.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Settings } from '../platform/settings.ts';
import type { Tools } from '../platform/tools.ts';
import { readDisclosure } from '../disclosures/index.ts';
import { findHead, findHeads, findNodes, UnknownLog, type LogHead } from '../logs/index.ts';
import {
  checkpointText,
  noteSigner,
  proofText,
  signNote,
  type NoteSigner,
} from '../transparency/index.ts';
import { pathFromTiles, rootOfFrontier, tilesFor } from '../transparency/index.ts';

/**
 * The proof that an entry is in its recipient's log: a C2SP tlog-proof under a fresh checkpoint. Its
 * extra data is JSON with the entry and salt 0, so that the proof and the body suffice to verify.
 * Throws Refusal `not-found` where this recipient has no such entry.
 */
export async function proveDisclosure(
  tools: Pick<Tools, 'db' | 'settings'>,
  { recipientId, id }: { recipientId: string; id: string },
): Promise<string> {
  const { entry, index, salt } = await readDisclosure(tools, { recipientId, id });
  // The tree only grows: nodes below a head that was read before them never change.
  const head = await readHead(tools, recipientId);
  const nodes = await findNodes(tools.db, recipientId, tilesFor(index, head.size));
  return proofText({
    extra: Buffer.from(JSON.stringify({ entry, salt })),
    index,
    path: pathFromTiles(index, head.size, nodes),
    checkpoint: signHead(tools.settings, head),
  });
}

/** The signed checkpoint of a recipient's log as it is now. Throws Refusal `log-unknown`. */
export async function readCheckpoint(
  tools: Pick<Tools, 'db' | 'settings'>,
  recipientId: string,
): Promise<string> {
  return signHead(tools.settings, await readHead(tools, recipientId));
}

/** The checkpoint of the log with this id, for its owner; for everybody else it is `not-found`. */
export async function readCheckpointOf(
  tools: Pick<Tools, 'db' | 'settings'>,
  { recipientId, logId }: { recipientId: string; logId: string },
): Promise<string> {
  const head = await findHead(tools.db, recipientId);
  if (head?.logId !== logId) throw new Refusal(NotFound);
  return signHead(tools.settings, head);
}

/** Signed checkpoints of all logs, the oldest log first. */
export async function readCheckpoints(
  tools: Pick<Tools, 'db' | 'settings'>,
): Promise<{ recipientId: string; checkpoint: string }[]> {
  const heads = await findHeads(tools.db);
  return heads.map((head) => ({
    recipientId: head.recipientId,
    checkpoint: signHead(tools.settings, head),
  }));
}

/** The verifier keys of all logs, as signed-note writes them. */
export function logKeys({ settings }: Pick<Tools, 'settings'>): readonly string[] {
  return [logSigner(settings).verifierKey];
}

async function readHead({ db }: Pick<Tools, 'db'>, recipientId: string): Promise<LogHead> {
  const head = await findHead(db, recipientId);
  if (!head) throw new Refusal(UnknownLog);
  return head;
}

function signHead(settings: Settings, { origin, size, frontier }: LogHead): string {
  const text = checkpointText({ origin, size, root: rootOfFrontier(frontier) });
  return signNote(text, logSigner(settings));
}

/** One key for all logs, named by the host: a name per log would tell in public which logs there are. */
function logSigner({ origin, keys }: Settings): NoteSigner {
  return noteSigner(new URL(origin).host, keys.log);
}
