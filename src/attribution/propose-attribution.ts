import { UnknownService } from '../intake/index.ts';
import { findPartnerByKey, UnknownPartner, type Partner } from '../partners/index.ts';
import { proposeChange, type ProposalId, type StaffId } from '../people/index.ts';
import { inTransaction, type Database, type Transaction } from '../platform/database.ts';
import { isPrintable } from '../platform/printable.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import {
  customerIdOf,
  findService,
  lockCustomers,
  serviceIdOf,
  UnknownCustomer,
} from '../records/index.ts';
import { attributionChange, type ProposedAttribution } from './attribution-change.ts';
import { ruleVersion } from './attribution-rules.ts';
import { findAttribution, findHeld, insertAttribution } from './attribution-store.ts';
import {
  AttributionDecided,
  AttributionHeld,
  attributionIdOf,
  InvalidAttribution,
  InvalidSignUp,
  UnknownAttribution,
  type Attribution,
  type AttributionId,
} from './attribution.ts';

/** A sign-up that came over no link: by telephone, say. */
export interface EnteredSignUp {
  readonly customer: string;
  readonly service: string;
  readonly signedUpAt?: Date | undefined;
}

/**
 * Proposes whose a held sign-up is, or that of a customer who came over no link, which is held with
 * it; somebody else decides. Refusals: `unknown-attribution`, `attribution-decided`, `unknown-partner`,
 * `unknown-customer`, `unknown-service`, `attribution-held`, `invalid-sign-up`, `invalid-attribution`,
 * `role-missing`.
 */
export async function proposeAttribution(
  tools: Tools,
  proposing: {
    readonly about: { readonly id: string } | EnteredSignUp;
    /** The partner's key; null: it is nobody's. */
    readonly partner: string | null;
    readonly reason: string;
    readonly by: StaffId;
  },
): Promise<{ attributionId: AttributionId; proposalId: ProposalId; expiresAt: Date }> {
  const { about, reason, by } = proposing;
  if (!isPrintable(reason, 500)) {
    const detail = 'The reason has 1 to 500 printable characters.';
    throw new Refusal(InvalidAttribution, detail, { field: '/reason' });
  }
  const partner = await namedPartner(tools.db, proposing.partner);
  if (!partner && !('id' in about)) {
    const detail = 'What came over no link is nobody’s already: name the partner.';
    throw new Refusal(InvalidAttribution, detail, { field: '/partner' });
  }
  return inTransaction(tools.db, async (tx) => {
    const held = 'id' in about ? await readHeld(tx, about.id) : await enter(tx, tools, about, by);
    const proposed: ProposedAttribution = {
      attributionId: held.id,
      partnerId: partner?.id ?? null,
      reason,
    };
    const diff = {
      attribution: held.id,
      signedUpAt: held.signedUpAt.toISOString(),
      findings: held.findings,
      before: 'held',
      after: partner ? 'attributed' : 'direct',
      partner: partner?.key ?? null,
      reason,
    };
    const change = { tools, kind: attributionChange, about: proposed, diff, by };
    const { id, expiresAt } = await proposeChange(tx, change);
    return { attributionId: held.id, proposalId: id, expiresAt };
  });
}

async function namedPartner(db: Database, key: string | null): Promise<Partner | undefined> {
  if (key === null) return undefined;
  const partner = await findPartnerByKey(db, key);
  if (!partner) throw new Refusal(UnknownPartner, undefined, { field: '/partner' });
  if (partner.kind !== 'referral' || partner.status === 'retired') {
    const detail = 'Only a referral partner that is not retired gets customers.';
    throw new Refusal(InvalidAttribution, detail, { field: '/partner' });
  }
  return partner;
}

async function readHeld(tx: Transaction, text: string): Promise<Attribution> {
  const id = attributionIdOf(text);
  const found = id && (await findAttribution(tx, id));
  if (!found) throw new Refusal(UnknownAttribution);
  if (found.status !== 'held') throw new Refusal(AttributionDecided);
  return found;
}

/** Writes down what a person says of a sign-up; it is held until two have said it. */
async function enter(
  tx: Transaction,
  tools: Tools,
  { customer, service, signedUpAt: said }: EnteredSignUp,
  by: StaffId,
): Promise<Attribution> {
  const customerId = customerIdOf(customer);
  const serviceId = serviceIdOf(service);
  const known = await lockCustomers(tx, [customerId]);
  if (!known.has(customerId)) throw new Refusal(UnknownCustomer);
  if (!(await findService(tx, serviceId))) throw new Refusal(UnknownService);
  const decidedAt = tools.clock.now();
  const signedUpAt = said ?? decidedAt;
  if (signedUpAt > decidedAt) {
    const detail = 'A sign-up cannot be told before it happens.';
    throw new Refusal(InvalidSignUp, detail, { field: '/signedUpAt' });
  }
  const [waiting] = await findHeld(tx, { customerId, serviceId });
  if (waiting)
    throw new Refusal(AttributionHeld, `It is held as ${waiting.id}: decide about that.`);
  const entered: Attribution = {
    id: newUuid(tools) as AttributionId,
    ...{ customerId, serviceId, signUpId: null, signedUpAt },
    ...{ status: 'held', partnerId: null, relationshipId: null },
    findings: ['entered-by-hand'],
    evidence: { clicks: [], knownSince: null, firstPaidAt: null, firstRelatedAt: null },
    ...{ ruleVersion, toldBy: by, decidedAt, decision: null },
  };
  await insertAttribution(tx, entered, null);
  return entered;
}
