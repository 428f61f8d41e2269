import { catalogueOf } from '../catalogue/index.ts';
import { findChoices } from '../choices/index.ts';
import { findAgreementVersions } from '../agreements/index.ts';
import { findPartnerEvents, type Partner } from '../partners/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findPolicyVersions } from '../policy/index.ts';
import {
  customerIdOf,
  findRecordsAt,
  isKnownCustomer,
  recordIdOf,
  UnknownCustomer,
} from '../records/index.ts';
import { findRelationshipEvents, findRelationshipsOfCustomers } from '../relationships/index.ts';
import { findViews } from '../views/index.ts';
import { decideField, nameOf } from './decide-rules.ts';
import { InvalidMoment, UnknownField, type Explanation } from './explanation.ts';
import { grantKnownAt, relationshipsKnownAt } from './history-rules.ts';

const mostRecords = 100;

/**
 * Why a partner can see a field of a customer or cannot, now or at a past moment as it was known
 * then. Nothing is shown and nothing logged: the answer holds keys, names of fields and dates. Of a
 * business type records are looked at only where one is named (P22). Refuses `unknown-field`,
 * `unknown-customer`, and `invalid-moment` for one that is still to come.
 */
export async function explainSharing(
  tools: Tools,
  ask: {
    partner: Partner;
    /** The customer's key. */
    customer: string;
    /** Record type and path: "invoice.total.amount", "invoice.lines.*.amount". */
    field: string;
    /** The key of one record. */
    record?: string | undefined;
    purpose?: string | undefined;
    view?: number | undefined;
    at?: Date | undefined;
  },
): Promise<Explanation> {
  const { db, clock, settings } = tools;
  const { partner, customer, record, purpose } = ask;
  const now = clock.now();
  const moment = ask.at ?? now;
  if (!(moment <= now)) {
    throw new Refusal(InvalidMoment, 'Ask about now or the past.', { field: 'at' });
  }
  const { type, leaf } = fieldOf(tools, ask.field);
  const customerId = customerIdOf(customer);
  if (!(await isKnownCustomer(db, customerId))) throw new Refusal(UnknownCustomer);
  const facts = {
    partner,
    events: await findPartnerEvents(db, partner.id),
    policies: await findPolicyVersions(db),
    agreements: await findAgreementVersions(db, partner.id),
    views: await findViews(db, partner.id, { knownAt: moment < now ? moment : null }),
  };
  const relationships = await findRelationshipsOfCustomers(db, [customerId]);
  const own = relationships.filter(({ partnerId }) => partnerId === partner.id);
  const recordId = record === undefined ? undefined : recordIdOf(type.name, record);
  const isClosed = type.isBusiness && recordId === undefined;
  const decision = decideField({
    ...{ type, leaf, purpose, moment, view: ask.view, timeZone: settings.timeZone },
    grant: grantKnownAt(facts, { moment, now }),
    choices: await findChoices(db, [customerId]),
    relationships: relationshipsKnownAt(
      own,
      await findRelationshipEvents(db, [customerId]),
      moment,
    ),
    records: isClosed
      ? undefined
      : await findRecordsAt(db, { customerId, type: type.name, recordId }, moment),
  });
  return {
    ...{ partner: partner.key, customer, field: `${type.name}.${nameOf(leaf)}` },
    at: moment.toISOString(),
    ...decision,
    records: decision.records.slice(0, mostRecords),
    more: Math.max(0, decision.records.length - mostRecords),
  };
}

function fieldOf({ settings }: Tools, field: string) {
  const [name = '', ...path] = field.split('.');
  const type = catalogueOf(settings).types.get(name);
  const leaf = type?.leaves.find((one) => nameOf(one) === path.join('.'));
  if (!type || !leaf) {
    const detail = 'The catalogue has no such field; say it as invoice.total.amount.';
    throw new Refusal(UnknownField, detail, { field: 'field' });
  }
  return { type, leaf };
}
