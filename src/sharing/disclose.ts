import { appendDisclosure, type DisclosedSubject } from '../disclosures/index.ts';
import type { PageFilters } from '../logs/index.ts';
import type { Tools } from '../platform/tools.ts';
import { promisesFor, type DataClass } from '../policy/index.ts';
import type { Caller } from '../tokens/index.ts';
import { versionHeaders } from '../views/index.ts';
import type { Allowed, Tried } from './decide-for.ts';

/** A body that stands in the log and may be sent. */
export interface DisclosedAnswer {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** How many records it shows. */
  readonly records: number;
  /** What the headers tell, for an answer that carries it in itself. */
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
    /** What the page was narrowed to. */
    filters?: PageFilters | undefined;
    body: Buffer;
  },
): Promise<Tried<DisclosedAnswer>> {
  const { caller, decision, body } = disclosure;
  const { agreement, view, grant, policy } = decision;
  const promises = promisesFor(policy, grant.partner.kind, disclosure.classes);
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
    policy: { version: policy.version, promises },
    recordType: disclosure.recordType,
    classes: disclosure.classes,
    subjects: disclosure.subjects,
    filters: disclosure.filters,
    body,
  });
  if (!appended.appended) return 'rights-changed';
  const { id, salt } = appended;
  const headers = { 'Disclosure-Id': id, 'Disclosure-Salt': salt };
  return {
    body,
    records: disclosure.subjects.length,
    headers: { ...headers, ...versionHeaders(view, grant.views) },
    receipt: { disclosure: id, salt },
  };
}
