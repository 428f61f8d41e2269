import {
  type Checkpoint,
  claimedCheckpoint,
  keyNamed,
  openNote,
  parsePolicy,
  parseVerifierKey,
  type TrustPolicy,
  type VerifierKey,
} from '../notes/index.ts';

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

/**
 * The keys that may sign the log of this origin, before and after a rotation more than one: those of
 * its name; with a single key, that key for every log of its host.
 */
export async function signersOf(origin: string, trust: Trust): Promise<VerifierKey[]> {
  const named = trust.logs.filter((key) => key.name === origin);
  const [key] = trust.logs;
  if (named.length > 0 || trust.policy || !key) return named;
  if (isRecipientLog(origin, hostOf(key.name))) return hostKeys(hostOf(key.name), trust);
  return isHeadLog(origin) && hostOf(origin) === key.name ? [await keyNamed(origin, key)] : [];
}

/** The keys of a host's head logs under the host's own name: they sign its recipients' logs. */
export async function hostKeys(host: string, { logs, policy }: Trust): Promise<VerifierKey[]> {
  const keys = logs.filter(({ name }) => hostOf(name) === host && (!policy || isHeadLog(name)));
  return Promise.all(keys.map((key) => keyNamed(host, key)));
}

export function isHeadLog(origin: string): boolean {
  return headLog.test(origin);
}

export function isRecipientLog(origin: string, host: string): boolean {
  const id = origin.startsWith(`${host}/log/`) ? origin.slice(host.length + 5) : '';
  return /^[A-Za-z0-9_-]+$/.test(id) && !isHeadLog(origin);
}

const headLog = /\/log\/head(-([2-9]|[1-9][0-9]+))?$/;

/** The host of a head log; every other name stays as it is. */
export function hostOf(name: string): string {
  return name.replace(headLog, '');
}

/** What a note claims to be the checkpoint of. */
export function claimed(note: string, what: string): Checkpoint {
  return claimedCheckpoint(note) ?? fails(`${what} is not a checkpoint`);
}

/** Opens a checkpoint that one of the signers, and the quorum of a policy, must have signed. */
export async function openCheckpoint(
  note: string,
  given: { signers: readonly VerifierKey[]; policy: TrustPolicy | null; what: string },
): Promise<Believed> {
  const { signers, policy, what } = given;
  const checkpoint = claimed(note, what);
  if (signers.length === 0) {
    const stranger = policy ? 'no log of the policy' : 'the key is of another log';
    fails(`${what} is of ${checkpoint.origin}: ${stranger}`);
  }
  const witnesses = policy?.witnesses ?? [];
  const opened = await openNote(note, [...signers, ...witnesses]);
  if (!opened.opened) fails(`${what} does not open: ${opened.because}`);
  const cosigned = opened.signatures.filter(({ key }) => !signers.includes(key));
  if (cosigned.length === opened.signatures.length) fails(`${what} is not signed by its log`);
  if (policy && !policy.isMetBy(cosigned.map(({ key }) => key))) {
    fails(
      `${what} lacks cosignatures: the quorum "${policy.quorum}" is not met (a proof fetched after a later beat may have them)`,
    );
  }
  const found = cosigned.map(({ key, seconds }) => ({
    name: key.name,
    at: new Date((seconds ?? 0) * 1000).toISOString().replace('.000Z', 'Z'),
  }));
  return { ...checkpoint, witnesses: found };
}

export function fails(because: string): never {
  throw new UnprovenError(because);
}
