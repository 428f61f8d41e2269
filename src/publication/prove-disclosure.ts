import { NotFound } from '../platform/http/kinds.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findNodes } from '../archive/index.ts';
import { readDisclosure } from '../disclosures/index.ts';
import { readPlace, secondsToNextBeat, type ProvenPlace } from '../heads/index.ts';
import {
  findHead,
  findHeads,
  signCheckpoint,
  signHead,
  UnknownLog,
  type LogHead,
} from '../logs/index.ts';
import {
  pathFromTiles,
  proofFileText,
  proofText,
  rootOfFrontier,
  tilesFor,
} from '../transparency/index.ts';

/** A proof file, and how long to wait for the rest of it; null: it is whole. */
export interface Proof {
  readonly text: string;
  readonly retryAfterSeconds: number | null;
  /** What it waits for until then: the beat that covers the entry, or the quorum that cosigns it. */
  readonly waitsFor: 'beat' | 'quorum' | null;
}

/**
 * The proof that an entry is in its recipient's log, and the log in the head log. The first part is
 * a C2SP tlog-proof whose extra data is JSON with the entry and salt 0, so that proof and body
 * suffice to verify; until the next beat there is no more of it, and until the quorum has cosigned
 * that beat its checkpoint may lack cosignatures. Throws Refusal `not-found` where
 * this recipient has no such entry.
 */
export async function proveDisclosure(
  tools: Pick<Tools, 'db' | 'settings' | 'clock'>,
  { recipientId, id }: { recipientId: string; id: string },
): Promise<Proof> {
  const { entry, index, salt } = await readDisclosure(tools, { recipientId, id });
  const place = await readPlace(tools, { recipientId, index });
  const log = place?.log ?? (await readSize(tools, recipientId));
  // The tree only grows: nodes below a size that was read before them never change.
  const nodes = await findNodes(tools, recipientId, tilesFor(index, log.size));
  const text = proofText({
    extra: Buffer.from(JSON.stringify({ entry, salt })),
    index,
    path: pathFromTiles(index, log.size, nodes),
    checkpoint: signCheckpoint(tools.settings, log),
  });
  const { clock, settings } = tools;
  const seconds = secondsToNextBeat(clock.now(), settings.beatSeconds);
  if (!place) return { text, retryAfterSeconds: seconds, waitsFor: 'beat' };
  const whole = wholeText(text, place);
  return place.head.isCosigned
    ? { text: whole, retryAfterSeconds: null, waitsFor: null }
    : { text: whole, retryAfterSeconds: seconds, waitsFor: 'quorum' };
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

async function readSize(tools: Pick<Tools, 'db'>, recipientId: string) {
  const { frontier, ...head } = await readHead(tools, recipientId);
  return { ...head, root: rootOfFrontier(frontier) };
}

async function readHead({ db }: Pick<Tools, 'db'>, recipientId: string): Promise<LogHead> {
  const head = await findHead(db, recipientId);
  if (!head) throw new Refusal(UnknownLog);
  return head;
}

function wholeText(entryProof: string, { salt, path, head }: ProvenPlace): string {
  const headProof = proofText({
    extra: Buffer.from(JSON.stringify({ entry: head.entry })),
    index: head.index,
    path: head.path,
    checkpoint: head.checkpoint,
  });
  return proofFileText(entryProof, { salt, path }, headProof);
}
