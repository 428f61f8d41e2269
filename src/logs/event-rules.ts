import canonicalize from 'canonicalize';
import { disclosureId, leafHash } from '../transparency/index.ts';
import type { ComposedEntry } from './log.ts';

/** What a log says of itself, beside the disclosures: schemas/logs/event.json. */
export interface LogEvent {
  readonly event: string;
  readonly [fact: string]: string | number | null;
}

/**
 * Makes the entry of an event: it shows nobody's record, so it has no subjects and holds under every
 * epoch. `secret`: 32 bytes.
 */
export function composeEvent(
  recipientId: string,
  facts: LogEvent,
  { entryId, at, secret }: { entryId: string; at: Date; secret: Buffer },
): ComposedEntry {
  const said = { ...facts, at: at.toISOString(), id: disclosureId(entryId), v: 1 };
  const text = canonicalize(said) ?? '';
  return {
    recipientId,
    epoch: null,
    entryId,
    text,
    leafHash: leafHash(Buffer.from(text)),
    secret,
    leafHashes: Buffer.alloc(0),
    numbers: Buffer.alloc(0),
    filters: null,
  };
}

/** Whether an entry's text is an event and no disclosure. */
export function isEvent(text: string): boolean {
  return 'event' in (JSON.parse(text) as object);
}
