import { openLog } from '../logs/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import { partnerKinds, type PartnerKind } from '../policy/index.ts';
import { appendPartnerEvent, insertPartner } from './partner-store.ts';
import {
  InvalidPartner,
  PartnerExists,
  type LegalForm,
  type Partner,
  type PartnerId,
} from './partner.ts';

/**
 * Adds a partner and opens its disclosure log, so that nothing can ever be disclosed to it that
 * has no log to stand in. It is invited,
 * and becomes active by accepting the terms of service (P04). Refuses a kind outside the closed list (P20) and a key that is taken.
 */
export async function addPartner(
  tools: Tools,
  {
    key,
    kind,
    name,
    legalForm = 'company',
    actor = 'command line',
  }: { key: string; kind: string; name: string; legalForm?: LegalForm; actor?: string },
): Promise<Partner> {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(key)) {
    const detail = 'A key is lower case letters, digits and hyphens, 63 at most.';
    throw new Refusal(InvalidPartner, detail, { field: 'key' });
  }
  if (name.trim() === '' || name.length > 200 || !name.isWellFormed()) {
    throw new Refusal(InvalidPartner, 'A name has 1 to 200 characters.', { field: 'name' });
  }
  const partner: Partner = {
    id: newUuid(tools) as PartnerId,
    key,
    kind: readKind(kind),
    name,
    status: 'invited',
    legalForm,
  };
  await inTransaction(tools.db, async (tx) => {
    if (!(await insertPartner(tx, partner))) throw new Refusal(PartnerExists);
    await appendPartnerEvent(tx, partner.id, {
      status: partner.status,
      bookedAt: tools.clock.now(),
      actor,
      reason: null,
    });
    await openLog(tx, { tools, recipientId: partner.id });
  });
  return partner;
}

function readKind(text: string): PartnerKind {
  const kind = partnerKinds.find((known) => known === text);
  if (kind) return kind;
  const detail = `A partner is of kind ${partnerKinds.join(' or ')}.`;
  throw new Refusal(InvalidPartner, detail, { field: 'kind', promise: 'P20' });
}
