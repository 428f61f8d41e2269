import { accrueFees } from '../fees/index.ts';
import { changeRelationship, relateCustomer, takeRecords } from '../intake/index.ts';
import { findAgreementVersions, publishAgreement } from '../agreements/index.ts';
import { addPartner, findPartnerByKey, findPartners, type Partner } from '../partners/index.ts';
import { offerView } from '../offers/index.ts';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { customerIdOf, findServices, serviceIdOf } from '../records/index.ts';
import { findRelationshipEvents, findRelationshipsOfPartner } from '../relationships/index.ts';
import {
  acceptTerms,
  findTermsAcceptances,
  findTermsVersions,
  publishTerms,
} from '../terms/index.ts';
import { findViews, proveFee } from '../views/index.ts';
import { makeBusiness, type DemoRecord } from './business-rules.ts';
import {
  firstDay,
  partners,
  services,
  termsOfService,
  type DemoPartner,
  type DemoPartnerKey,
} from './company.ts';
import { makeCustomers } from './customer-rules.ts';
import { openCredentials } from './open-credentials.ts';
import { courseOf, makeRelationships, type DemoRelationship } from './story-rules.ts';

const OtherData = {
  code: 'other-data',
  status: 409,
  title: 'The database holds other data.',
} as const satisfies RefusalKind;

/** What the made-up world holds, and where the credentials of each partner's client lie. */
export interface PreparedDemo {
  readonly customers: number;
  readonly records: number;
  readonly relationships: number;
  readonly credentials: Readonly<Record<DemoPartnerKey, string>>;
}

/**
 * Puts the made-up company into the database: the same customers, partners and business every time.
 * What is there already is left as it stands, so a second start goes on with the first one's data.
 * Refuses a database that holds anything else.
 */
export async function prepareDemo(tools: Tools): Promise<PreparedDemo> {
  await refuseOtherData(tools);
  const customers = makeCustomers();
  const business = customers.flatMap((one, index) => makeBusiness(one, courseOf(index)));
  const relationships = makeRelationships(customers);
  await take(tools, [
    ...services.map((value) => ({ type: 'service', value }) as const),
    ...customers.map(({ record }) => ({ type: 'customer', value: record }) as const),
  ]);
  const credentials: [DemoPartnerKey, string][] = [];
  for (const one of partners) {
    const partner = await openPartner(tools, one);
    const its = relationships.filter(({ partner: key }) => key === one.key);
    await relateMissing(tools, partner, its);
    credentials.push([one.key, await openCredentials(tools, partner)]);
  }
  await take(tools, business);
  for (const one of partners) {
    const its = relationships.filter(({ partner: key }) => key === one.key);
    await bookMissing(tools, await openPartner(tools, one), its);
  }
  await accrueFees(tools, {});
  return {
    customers: customers.length,
    records: business.length,
    relationships: relationships.length,
    credentials: Object.fromEntries(credentials) as Record<DemoPartnerKey, string>,
  };
}

/** The company's services are the first thing stored and the mark by which it is known again. */
async function refuseOtherData({ db }: Tools): Promise<void> {
  const held = await findServices(db);
  const isDemo = services.every(({ id, name }) =>
    held.some((service) => service.key === id && service.name === name),
  );
  if (isDemo || (held.length === 0 && (await findPartners(db)).length === 0)) return;
  const detail = 'The demo goes only where nothing else is: give it another SLUICE_DATA_DIR.';
  throw new Refusal(OtherData, detail);
}

async function openPartner(
  tools: Tools,
  { key, kind, name, terms, view }: DemoPartner,
): Promise<Partner> {
  const { db } = tools;
  const partner =
    (await findPartnerByKey(db, key)) ?? (await addPartner(tools, { key, kind, name }));
  await acceptDemoTerms(tools, partner);
  if ((await findAgreementVersions(db, partner.id)).length === 0) {
    const acceptances = { operator: signedBy('The Ducallier Studios'), partner: signedBy(name) };
    const agreed = { partnerId: partner.id, validFrom: firstDay, terms, acceptances };
    await publishAgreement(tools, agreed, proveFee);
  }
  if ((await findViews(db, partner.id)).length === 0) {
    await offerView(tools, { partner, draft: view, by: undefined });
  }
  return partner;
}

const signedBy = (name: string) => ({ by: name, evidence: 'made up for the demo' });

/** The terms of service of the made-up company, published once. */
async function acceptDemoTerms(tools: Tools, { id, name }: Partner): Promise<void> {
  if ((await findTermsVersions(tools.db)).length === 0) {
    const { version, document } = termsOfService;
    await publishTerms(tools, { version, document, actor: 'demo' });
  }
  if ((await findTermsAcceptances(tools.db, id)).length > 0) return;
  await acceptTerms(tools, { partnerId: id, ...signedBy(name), actor: 'demo' });
}

async function relateMissing(
  tools: Tools,
  partner: Partner,
  relationships: readonly DemoRelationship[],
): Promise<void> {
  const held = await findRelationshipsOfPartner(tools.db, partner.id);
  const known = new Set(held.map(({ customerId, serviceId }) => customerId + serviceId));
  for (const { customer, service, at, reference } of relationships) {
    const customerId = customerIdOf(customer);
    const serviceId = serviceIdOf(service);
    if (known.has(customerId + serviceId)) continue;
    const source = { evidence: 'sign-up', actor: 'demo' };
    await relateCustomer(tools, { partner, customerId, serviceId, at, reference, ...source });
  }
}

async function bookMissing(
  tools: Tools,
  partner: Partner,
  relationships: readonly DemoRelationship[],
): Promise<void> {
  const eventful = relationships.filter(({ events }) => events.length > 0);
  const held = await findRelationshipsOfPartner(tools.db, partner.id);
  const booked = await findRelationshipEvents(
    tools.db,
    eventful.map(({ customer }) => customerIdOf(customer)),
  );
  for (const { customer, service, events } of eventful) {
    const customerId = customerIdOf(customer);
    const serviceId = serviceIdOf(service);
    const known = held
      .filter((one) => one.customerId === customerId && one.serviceId === serviceId)
      .flatMap(({ id }) => booked.get(id) ?? []);
    for (const { event, at, evidence } of events) {
      if (known.some((one) => one.event === event && one.at?.getTime() === at.getTime())) continue;
      const change = { partner, customerId, serviceId, event, at, evidence, actor: 'demo' };
      await changeRelationship(tools, change);
    }
  }
}

/** The made-up records are sound; one that is not taken is a fault. */
async function take(tools: Tools, records: readonly DemoRecord[]): Promise<void> {
  for (let first = 0; first < records.length; first += 500) {
    const offered = records
      .slice(first, first + 500)
      .map(({ type, value }, index) => ({ type, value, file: 'demo', line: first + index + 1 }));
    const taken = await takeRecords(tools, { records: offered });
    const wrong = taken.findIndex(({ outcome }) => outcome === 'rejected');
    if (wrong < 0) continue;
    const what = JSON.stringify([offered[wrong]?.value, taken[wrong]?.problems]);
    throw new Error(`A record of the demo was refused: ${what}`);
  }
}
