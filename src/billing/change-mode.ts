import { agreementInForce, findAgreementVersions } from '../agreements/index.ts';
import type { Partner } from '../partners/index.ts';
import { isDate } from '../platform/calendar.ts';
import { inTransaction } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import { isPrintable } from '../platform/printable.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  findService,
  lockCustomers,
  UnknownCustomer,
  type CustomerId,
  type ServiceId,
} from '../records/index.ts';
import { findOpenRelationship, UnknownRelationship } from '../relationships/index.ts';
import { findModeChanges, insertModeChange } from './billing-store.ts';
import {
  AlreadyConsolidated,
  billingModes,
  InvalidMode,
  PeriodBilled,
  type BillingMode,
  type ModeChange,
} from './billing.ts';
import { mayBillUnder, readBills } from './read-bills.ts';

/**
 * Books that a customer agreed to be billed by a partner, or by us again, from a day on. No period is
 * billed by two: a day before the end of one that has an invoice is refused, and so is a second
 * partner. What stands already changes nothing. Refusals: `unknown-customer`, `unknown-relationship`,
 * `invalid-billing-mode`, `already-consolidated`, `period-billed`.
 */
export async function changeMode(
  tools: Tools,
  made: {
    readonly partner: Pick<Partner, 'id'>;
    readonly customerId: CustomerId;
    readonly serviceId: ServiceId;
    readonly mode: string;
    readonly fromDay: string;
    readonly evidence: string;
    readonly actor: string;
  },
): Promise<ModeChange> {
  const { partner, customerId, serviceId, fromDay, evidence, actor } = made;
  const mode = readMode(made);
  const { timeZone } = tools.settings;
  return inTransaction(tools.db, async (tx) => {
    const known = await lockCustomers(tx, [customerId]);
    if (!known.has(customerId)) throw new Refusal(UnknownCustomer);
    const key = { customerId, serviceId, partnerId: partner.id };
    const relationship = await findOpenRelationship(tx, key);
    if (!relationship) throw new Refusal(UnknownRelationship);
    const changes = await findModeChanges(tx, [customerId]);
    const own = changes.filter(({ relationshipId }) => relationshipId === relationship.id);
    const last = own.at(-1);
    const open = relationship.openParts.find(({ until }) => until === null);
    const isBroken = last !== undefined && (!open || last.bookedAt < open.from);
    if (last?.mode === mode && !isBroken) {
      if (last.fromDay === fromDay) return last;
      throw new Refusal(InvalidMode, `The mode is ${mode} since ${last.fromDay}.`, { field: '/mode' }); // prettier-ignore
    }
    if (!last && mode === 'direct') {
      throw new Refusal(InvalidMode, 'The mode is direct already.', { field: '/mode' });
    }
    const openFrom = open && relationship.isActive ? localDay(open.from, timeZone) : undefined;
    if (mode === 'consolidated' && (openFrom === undefined || fromDay < openFrom)) {
      const detail = openFrom === undefined ? 'The customer is not one of both now.' : `The customer is one of both since ${openFrom}.`; // prettier-ignore
      throw new Refusal(InvalidMode, detail, { field: '/from' });
    }
    if (last && !isBroken && fromDay < last.fromDay) {
      throw new Refusal(InvalidMode, `The mode was changed from ${last.fromDay} on.`, { field: '/from' }); // prettier-ignore
    }
    const now = tools.clock.now();
    const terms = agreementInForce(await findAgreementVersions(tx, partner.id), now)?.terms;
    const service = (await findService(tx, serviceId))?.key ?? '';
    if (mode === 'consolidated' && !mayBillUnder(terms, service)) {
      const detail = 'No agreement in force lets the partner bill this service (purpose billing).';
      throw new Refusal(InvalidMode, detail, { field: '/partner' });
    }
    const [billed] = await readBills(tx, { customerIds: [customerId], timeZone, now });
    const others = billed?.stretches.filter(
      (stretch) => stretch.partnerId !== partner.id && stretch.serviceId === serviceId,
    );
    const isTaken = others?.some(({ untilDay }) => untilDay === null || untilDay > fromDay);
    if (mode === 'consolidated' && isTaken) throw new Refusal(AlreadyConsolidated);
    const ends = billed?.bills
      .filter((bill) => bill.serviceId === serviceId)
      .map(({ period }) => period.untilDay);
    const end = ends?.sort().at(-1);
    if (end !== undefined && end > fromDay) {
      throw new Refusal(PeriodBilled, `The first day that is free is ${end}.`, { field: '/from' });
    }
    const change: ModeChange = {
      ...{ customerId, serviceId, partnerId: partner.id, relationshipId: relationship.id },
      ...{ sequence: own.length + 1, mode, fromDay, evidence, actor },
      bookedAt: now,
    };
    await insertModeChange(tx, change);
    return change;
  });
}

function readMode(made: { mode: string; fromDay: string; evidence: string }): BillingMode {
  const refuse = (field: string, detail: string): never => {
    throw new Refusal(InvalidMode, detail, { field: `/${field}` });
  };
  if (!isDate(made.fromDay)) refuse('from', 'A day is written as 2026-01-31.');
  if (!isPrintable(made.evidence, 1000)) {
    refuse('evidence', 'How the customer said so has 1 to 1000 printable characters.');
  }
  const mode = billingModes.find((one) => one === made.mode);
  return mode ?? refuse('mode', `A mode is ${billingModes.join(' or ')}.`);
}
