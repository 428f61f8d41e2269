import { keyNamed, parseVerifierKey, type VerifierKey } from './key-rules.ts';
import { claimedCheckpoint, openNote, type Checkpoint } from './note-rules.ts';
import { parsePolicy, type TrustPolicy } from './policy-rules.ts';

/** Whom a verifier trusts, and what it then believes of a checkpoint. */

/** A verifier key of the log's host or of its head log, or else a trust policy. */
export interface GivenTrust {
  readonly key?: string | undefined;
  readonly policy?: Uint8Array | string | undefined;
}

export interface Trust {
  readonly logs: readonly VerifierKey[];
  readonly policy: TrustPolicy | null;
}

export interface Witness {
  /** The name of its key. */
  readonly name: string;
  /** When it cosigned, RFC 3339. */
  readonly at: string;
}

export interface Believed extends Checkpoint {
  readonly signer: VerifierKey;
  readonly witnesses: readonly Witness[];
}

/** Why nothing is proven; what verifies turns it into its answer. */
export class UnprovenError extends Error {}

/** A verdict out of what either ends or throws `UnprovenError`. */
export async function verdictOf<Found>(
  work: () => Promise<Found>,
): Promise<Found | { readonly holds: false; readonly because: string }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnprovenError) return { holds: false, because: error.message };
    throw error;
  }
}

export async function readTrust({ key: text, policy: file }: GivenTrust): Promise<Trust> {
  if (text !== undefined && file !== undefined) fails('a key and a policy are given');
  if (file !== undefined) {
    const read = await parsePolicy(file);
    if (!read.parsed) fails(`line ${String(read.line)} of the policy is wrong: ${read.because}`);
    return { logs: read.policy.logs, policy: read.policy };
  }
  const key = await parseVerifierKey(text ?? '');
  if (key?.type !== 1) fails('the verifier key is not an Ed25519 key of a signed note');
  return { logs: [key], policy: null };
}

/** The log whose name is the origin; with a single key, a log of the key's host as well. */
export async function signerOf(origin: string, trust: Trust): Promise<VerifierKey | undefined> {
  const named = trust.logs.find((key) => key.name === origin);
  const [key] = trust.logs;
  if (named || trust.policy || !key) return named;
  if (isRecipientLog(origin, hostOf(key.name))) return hostKey(key);
  return isHeadLog(origin) && hostOf(origin) === key.name ? keyNamed(origin, key) : undefined;
}

/** The same key under the name of the host, which signs the recipients' logs. */
export async function hostKey(key: VerifierKey): Promise<VerifierKey> {
  return keyNamed(hostOf(key.name), key);
}

export function isHeadLog(origin: string): boolean {
  return headLog.test(origin);
}

export function isRecipientLog(origin: string, host: string): boolean {
  const id = origin.startsWith(`${host}/log/`) ? origin.slice(host.length + 5) : '';
  return /^[A-Za-z0-9_-]+$/.test(id) && !isHeadLog(origin);
}

const headLog = /\/log\/head(-([2-9]|[1-9][0-9]+))?$/;

function hostOf(name: string): string {
  return name.replace(headLog, '');
}

/** What a note claims to be the checkpoint of. */
export function claimed(note: string, what: string): Checkpoint {
  return claimedCheckpoint(note) ?? fails(`${what} is not a checkpoint`);
}

/** Opens a checkpoint that the signer, and the quorum of a policy, must have signed. */
export async function openCheckpoint(
  note: string,
  { signer, policy, what }: { signer: VerifierKey; policy: TrustPolicy | null; what: string },
): Promise<Believed> {
  const checkpoint = claimed(note, what);
  const witnesses = policy?.witnesses ?? [];
  const opened = await openNote(note, [signer, ...witnesses]);
  if (!opened.opened) fails(`${what} does not open: ${opened.because}`);
  const cosigned = opened.signatures.filter(({ key }) => key !== signer);
  if (cosigned.length === opened.signatures.length) fails(`${what} is not signed by its log`);
  if (policy && !policy.isMetBy(cosigned.map(({ key }) => key))) {
    fails(`${what} lacks cosignatures: the quorum "${policy.quorum}" is not met`);
  }
  const found = cosigned.map(({ key, seconds }) => ({
    name: key.name,
    at: new Date((seconds ?? 0) * 1000).toISOString().replace('.000Z', 'Z'),
  }));
  return { ...checkpoint, signer, witnesses: found };
}

/** Why no key of the trust signs a log. */
export function strangerTo({ policy }: Trust): string {
  return policy ? 'no log of the policy' : 'the key is of another log';
}

export function fails(because: string): never {
  throw new UnprovenError(because);
}
