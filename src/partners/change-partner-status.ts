import { raiseEpoch } from '../logs/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { appendPartnerEvent, lockPartner, updatePartnerStatus } from './partner-store.ts';
import {
  InvalidPartner,
  UnknownPartner,
  type PartnerEvent,
  type PartnerId,
  type PartnerStatus,
} from './partner.ts';

/** What may follow what: a partner is invited once, and a retired one stays retired. */
const next: Readonly<Record<PartnerStatus, readonly PartnerStatus[]>> = {
  invited: ['retired'],
  active: ['active', 'suspended', 'retired'],
  suspended: ['active', 'suspended', 'retired'],
  retired: ['retired'],
};

/**
 * Suspends, resumes or retires a partner. Whatever it takes away acts on answers under way too:
 * the log's epoch rises in the same transaction. An invited partner becomes active by accepting the
 * terms (`acceptTerms`) and in no other way; a retired partner stays retired.
 */
export async function changePartnerStatus(
  tools: Tools,
  given: {
    readonly partnerId: PartnerId;
    readonly status: PartnerStatus;
    readonly actor?: string;
    readonly reason?: string | null;
  },
): Promise<void> {
  await inTransaction(tools.db, (tx) => changeStatusIn(tx, tools, given));
}

/** The same in a transaction that does more. */
export async function changeStatusIn(
  tx: Transaction,
  { clock }: Pick<Tools, 'clock'>,
  { partnerId, status, actor = 'command line', reason = null }: Parameters<typeof changePartnerStatus>[1], // prettier-ignore
): Promise<void> {
  const partner = await lockPartner(tx, partnerId);
  if (!partner) throw new Refusal(UnknownPartner);
  if (!next[partner.status].includes(status)) {
    throw new Refusal(InvalidPartner, sentenceOf(partner.status), { field: 'status' });
  }
  await bookPartnerStatus(tx, { partnerId, status, bookedAt: clock.now(), actor, reason });
}

/** Sets how a partner stands, books it, and raises its log's epoch. */
export async function bookPartnerStatus(
  tx: Transaction,
  { partnerId, ...event }: PartnerEvent & { readonly partnerId: PartnerId },
): Promise<void> {
  await updatePartnerStatus(tx, partnerId, event.status);
  await appendPartnerEvent(tx, partnerId, event);
  await raiseEpoch(tx, [partnerId]);
}

const sentenceOf = (status: PartnerStatus) =>
  status === 'retired'
    ? 'A retired partner stays retired.'
    : 'An invited partner becomes active by accepting the terms: `sluice terms accept`.';
