import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  checkSignature,
  EventMalformed,
  hashOfEvent,
  SignatureInvalid,
  SignatureMissing,
  SignatureStale,
  skeletonOf,
  type Stripe,
} from '../stripe/index.ts';
import { applyEvents } from './apply-events.ts';
import { findEvent, insertEvent, lockEvents } from './event-store.ts';
import { EventDiffers, EventTooEarly, type ProcessorEvent } from './processor.ts';

/**
 * Takes an event as Stripe sends it. Its signature is checked before anything of it is read; then it
 * is kept by its id and applied, once, in one transaction with the records that it makes. Sent again,
 * it changes nothing, unless it still waits. Throws a Refusal for what Stripe did not sign now, and for
 * an id that came with other words.
 */
export async function receiveEvent(
  tools: Tools,
  { mapping, secrets }: Stripe,
  { signature, bytes }: { readonly signature: string | undefined; readonly bytes: Buffer },
): Promise<ProcessorEvent> {
  const now = tools.clock.now();
  if (signature === undefined) throw new Refusal(SignatureMissing);
  const verdict = checkSignature(signature, { bytes, secrets, now });
  if (verdict !== 'valid') {
    tools.log.warn({ verdict }, 'payment event not signed');
    throw new Refusal(verdict === 'stale' ? SignatureStale : SignatureInvalid);
  }
  const { event, eventId, type, occurredAt } = readEnvelope(bytes);
  if (occurredAt > now) throw new Refusal(EventTooEarly, undefined, { retryAfterSeconds: 60 });
  const sha256 = hashOfEvent(event);
  const skeleton = skeletonOf(event, mapping);
  const fresh = {
    ...{ eventId, type, occurredAt, receivedAt: now, sha256, skeleton },
    ...{ state: 'kept' as const, reason: null, links: [], facts: null, recordKeys: [] },
  };
  return inTransaction(tools.db, async (tx) => {
    await lockEvents(tx);
    const isNew = await insertEvent(tx, fresh);
    const held = isNew ? fresh : await findEvent(tx, eventId);
    if (!held?.sha256.equals(sha256)) {
      tools.log.error({ eventId, type }, 'payment event differs from the one held');
      throw new Refusal(EventDiffers);
    }
    if (held.state === 'applied') return held;
    return applyEvents(tx, tools, { event: { ...held, skeleton }, mapping });
  });
}

function readEnvelope(bytes: Buffer) {
  const event = parse(bytes);
  if (typeof event !== 'object' || event === null) throw new Refusal(EventMalformed);
  const { id, type, created } = event as Readonly<Record<string, unknown>>;
  const isId = (text: unknown): text is string =>
    typeof text === 'string' && /^[A-Za-z0-9_.-]{1,255}$/.test(text);
  const isTime = Number.isSafeInteger(created) && Math.abs(Number(created)) < 1e11;
  if (!isId(id) || !isId(type) || !isTime) throw new Refusal(EventMalformed);
  return { event, eventId: id, type, occurredAt: new Date(Number(created) * 1000) };
}

/** Stripe's texts may hold what no record may, a carriage return: none of them is kept. */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal(EventMalformed);
  }
}
