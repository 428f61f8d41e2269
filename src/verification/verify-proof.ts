import { isSame, textOf } from '../notes/index.ts';
import {
  commitsToBody,
  commitsToSubject,
  readBeat,
  readEntry,
  readExtra,
  type Subject,
} from './entry-rules.ts';
import {
  headRootAbove,
  holdsEntry,
  parseProofFile,
  type HeadBeat,
  type LogProof,
  type ProofFile,
} from './proof-rules.ts';
import {
  claimed,
  fails,
  hostKeys,
  hostOf,
  isHeadLog,
  isRecipientLog,
  openCheckpoint,
  readTrust,
  signersOf,
  verdictOf,
  type Believed,
  type GivenTrust,
  type Trust,
  type Witness,
} from './trust-rules.ts';

export interface GivenProof extends GivenTrust {
  /** The proof file. */
  readonly proof: Uint8Array | string;
  /** The bytes that were received. */
  readonly body?: Uint8Array | undefined;
  /** The entry as it was received, where the proof does not hold it. */
  readonly entry?: string | undefined;
  /** The Disclosure-Salt, where the proof does not hold it. */
  readonly salt?: string | undefined;
  /** One record, to be proven as part of what was disclosed. */
  readonly subject?: Subject | undefined;
}

/** What a proof shows, or the first reason why it shows nothing. */
export type ProofVerdict =
  | {
      readonly holds: true;
      readonly origin: string;
      readonly size: number;
      readonly index: number;
      /** Canonical JSON: what is proven to be in the log. */
      readonly entry: string;
      /** Whether a body was given; if so, it is the one that the entry commits to. */
      readonly isBodyProven: boolean;
      /** The same for a subject. */
      readonly isSubjectProven: boolean;
      /** The beat of the head log that holds the recipient's log, once there is one. */
      readonly head: HeadBeat | null;
      /** Who cosigned the head log, of the policy's witnesses. */
      readonly witnesses: readonly Witness[];
      /** The name of the policy's quorum, which is met. */
      readonly quorum: string | null;
    }
  | { readonly holds: false; readonly because: string };

/**
 * Verifies a proof file without the log. With a policy the entry must be in a recipient's log, that
 * log in the head log, and the head log cosigned by the quorum; with a key the first suffices, and
 * the rest must hold where the file has it.
 */
export async function verifyProof(given: GivenProof): Promise<ProofVerdict> {
  return verdictOf(async () => {
    const trust = await readTrust(given);
    const text = typeof given.proof === 'string' ? given.proof : textOf(given.proof);
    const file = parseProofFile(text ?? '') ?? fails('the file is not a proof (C2SP tlog-proof)');
    const head = file.head && (await openHead(file.head.beat, trust));
    if (!head && trust.policy) fails('the head log does not hold it yet, as the policy demands');
    const log = await openLog(file.entry, trust, head?.origin);
    const extra = readExtra(file.entry.extra);
    const entry = given.entry ?? extra.entry ?? fails('there is no entry, given or in the proof');
    if (!(await holdsEntry(file.entry, entry, log))) fails('the entry is not in the log');
    const shown = await proveContents(entry, { ...given, salt: given.salt ?? extra.salt });
    const beat = file.head && head && (await proveHead(file.head, head, log));
    return {
      holds: true as const,
      origin: log.origin,
      size: log.size,
      index: file.entry.index,
      entry,
      ...shown,
      head: beat ?? null,
      witnesses: head?.witnesses ?? [],
      quorum: trust.policy?.quorum ?? null,
    };
  });
}

async function openHead({ checkpoint }: LogProof, trust: Trust): Promise<Believed> {
  const what = 'the checkpoint of the head log';
  const { origin } = claimed(checkpoint, what);
  const signers = isHeadLog(origin) ? await signersOf(origin, trust) : [];
  return openCheckpoint(checkpoint, { signers, policy: trust.policy, what });
}

/** The recipient's log is one of the head log's host, and signed by its keys under the host's name. */
async function openLog(
  { checkpoint }: LogProof,
  trust: Trust,
  headOrigin = trust.logs[0]?.name ?? '',
): Promise<Believed> {
  const what = 'the checkpoint of the recipient’s log';
  const { origin } = claimed(checkpoint, what);
  const host = hostOf(headOrigin);
  const signers = isRecipientLog(origin, host) ? await hostKeys(host, trust) : [];
  return openCheckpoint(checkpoint, { signers, policy: null, what });
}

async function proveContents(
  text: string,
  { body, salt, subject }: GivenProof,
): Promise<{ isBodyProven: boolean; isSubjectProven: boolean }> {
  const entry = readEntry(text) ?? fails('the entry is not canonical JSON');
  if (body !== undefined && !(await commitsToBody(entry, body, salt))) {
    fails('the body is not the one that was disclosed, or the salt is not its salt');
  }
  if (subject !== undefined && !(await commitsToSubject(entry, subject))) {
    fails('the record is not the one that was disclosed of this customer at this position');
  }
  return { isBodyProven: body !== undefined, isSubjectProven: subject !== undefined };
}

async function proveHead(
  { place, beat }: NonNullable<ProofFile['head']>,
  head: Believed,
  log: Believed,
): Promise<HeadBeat> {
  const { entry = '' } = readExtra(beat.extra);
  if (!(await holdsEntry(beat, entry, head))) fails('the beat is not in the head log');
  const { at, root } = readBeat(entry) ?? fails('the entry of the head log is not a beat');
  if (!isSame(await headRootAbove(log, place), root)) {
    fails('the head log holds another checkpoint of the recipient’s log');
  }
  return { origin: head.origin, size: head.size, index: beat.index, at };
}
