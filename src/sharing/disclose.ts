import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { appendDisclosure, type DisclosedSubject } from '../disclosures/index.ts';
import { plainFormOf, type PlainForm } from '../platform/plain-form.ts';
import type { Tools } from '../platform/tools.ts';
import { readPolicy, type DataClass } from '../policy/index.ts';
import { holdsCardNumber, mayHoldCardNumber } from '../records/index.ts';
import type { Caller } from '../tokens/index.ts';
import type { Allowed, Tried } from './decide-for.ts';

/** A body that stands in the log and may be sent. */
export interface DisclosedAnswer {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** The same two, for an answer that carries them in itself. */
  readonly receipt: { readonly disclosure: string; readonly salt: string };
}

/**
 * Writes down what is about to leave and only then hands it back for sending: the entry is
 * committed under the epoch the decision was read in, or nothing is disclosed.
 */
export async function disclose(
  tools: Tools,
  disclosure: {
    caller: Caller;
    decision: Allowed;
    channel: string;
    recordType: string;
    classes: readonly DataClass[];
    fields: readonly string[] | null;
    subjects: readonly DisclosedSubject[];
    body: Buffer;
  },
): Promise<Tried<DisclosedAnswer>> {
  const { caller, decision, body } = disclosure;
  const { agreement, view, grant, promises } = decision;
  const appended = await appendDisclosure(tools, {
    recipientId: caller.partnerId,
    epoch: grant.epoch,
    recipient: caller.partnerKey,
    channel: disclosure.channel,
    client: caller.clientId,
    token: caller.tokenId,
    purposes: decision.purposes,
    agreement: { id: caller.partnerKey, version: agreement.version },
    view: { id: caller.partnerKey, version: view.version, digest: view.digest },
    fields: disclosure.fields,
    policy: { version: readPolicy().version, promises },
    recordType: disclosure.recordType,
    classes: disclosure.classes,
    subjects: disclosure.subjects,
    body,
  });
  if (!appended.appended) return 'rights-changed';
  const { id, salt } = appended;
  return {
    body,
    headers: { 'Disclosure-Id': id, 'Disclosure-Salt': salt },
    receipt: { disclosure: id, salt },
  };
}

/** Finds what must not leave in a finished body; undefined when it may. The text never quotes it. */
export type OutgoingCheck = (body: Buffer, wire: Record<string, unknown>) => string | undefined;

const ajv = new Ajv2020({ strict: true, ownProperties: true, allowUnionTypes: false });
interface Compiled {
  readonly isPlainly: PlainForm | undefined;
  readonly validate: ValidateFunction;
}
const compiled = new WeakMap<Record<string, unknown>, Compiled>();

/**
 * The last line: the body is read again as its recipient will read it, must be of the form the view
 * gives, and must hold no card number in any text but ids (P19). What it alarms on was refused on
 * the way in; so an alarm is a defect, and nothing is sent. Most bodies are plainly of their form,
 * which their bytes tell; the others are parsed.
 */
export const checkOutgoing: OutgoingCheck = (body, wire) => {
  const { isPlainly, validate } = compiled.get(wire) ?? compile(wire);
  if (isPlainly?.(body) && !mayHoldCardNumber(body)) return undefined;
  const value: unknown = JSON.parse(body.toString('utf8'));
  if (!validate(value))
    return `not of the view's form at ${validate.errors?.[0]?.instancePath ?? ''}`;
  return isClean(value) ? undefined : 'a text holds a card number';
};

function compile(wire: Record<string, unknown>): Compiled {
  const made = { isPlainly: plainFormOf(wire), validate: ajv.compile(wire) };
  compiled.set(wire, made);
  return made;
}

/** Ids are random to the reader: digits in them mean nothing. */
const pairwiseId = /^[a-z]{3}_[A-Za-z0-9_-]{22}$/;

/** The shortest card number has this many digits; most texts of a page are shorter. */
const shortest = 12;

function isClean(value: unknown): boolean {
  if (typeof value === 'string') {
    return value.length < shortest || pairwiseId.test(value) || !holdsCardNumber(value);
  }
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isClean);
}
