import { takeRecords } from '../src/intake/index.ts';
import { refreshJoint } from '../src/joint/index.ts';
import { publishAgreement } from '../src/agreements/index.ts';
import { addPartner, type Partner } from '../src/partners/index.ts';
import { inTransaction } from '../src/platform/database.ts';
import { uuidOf } from '../src/platform/uuid.ts';
import type { Tools } from '../src/platform/tools.ts';
import type { PartnerKind } from '../src/policy/index.ts';
import { customerIdOf, serviceIdOf } from '../src/records/index.ts';
import { addClient } from '../src/clients/index.ts';
import { issueToken } from '../src/tokens/index.ts';
import { publishView } from '../src/views/index.ts';
import { customerKey, customerRecord, invoiceRecord, paymentRecord } from './given-records.ts';
import type { GivenRecord } from './given-records.ts';
import { narrowView, wholeView } from './views.ts';
import { acceptTerms, findTermsVersions, publishTerms } from '../src/terms/index.ts';

/** A partner that is measured, with a token of its own. */
export interface MeasuredPartner {
  readonly partner: Partner;
  readonly token: string;
}

export interface World {
  /** Sees a third of the fields of its classes less. */
  readonly narrow: MeasuredPartner;
  /** Shares the same customers and sees the same classes whole. */
  readonly whole: MeasuredPartner;
  readonly customers: number;
  readonly jointCustomers: number;
}

/**
 * Makes the world: two measured partners with the same joint customers, and three others with a
 * third of all customers each, so that nobody's records are all there is.
 */
export async function makeWorld(
  tools: Tools,
  { customers, jointCustomers }: { customers: number; jointCustomers: number },
): Promise<World> {
  await take(tools, recordsOf(customers, jointCustomers));
  const joint = numbers(jointCustomers);
  const narrow = await measured(tools, { key: 'narrow', view: narrowView });
  const whole = await measured(tools, { key: 'whole', view: wholeView });
  await relate(tools, narrow.partner, 'store', joint);
  await relate(tools, whole.partner, 'market', joint);
  for (const third of [0, 1, 2]) {
    const partner = await given(tools, { key: `other-${third}`, kind: 'integration' });
    const theirs = numbers(customers).filter((number) => number % 3 === third);
    await relate(tools, partner, 'store', theirs);
  }
  return { narrow, whole, customers, jointCustomers };
}

function* recordsOf(customers: number, jointCustomers: number): Generator<GivenRecord> {
  for (const id of ['store', 'market'])
    yield { type: 'service', value: { id, code: id, name: id } };
  for (const number of numbers(customers)) {
    yield customerRecord(number);
    yield invoiceRecord(number, number);
    if (number < jointCustomers) yield paymentRecord(number, number);
  }
}

async function take(tools: Tools, records: Iterable<GivenRecord>): Promise<void> {
  const batches = batchesOf(records, 1000);
  for (const batch of batches) {
    const taken = await takeRecords(tools, {
      records: batch.map((record, line) => ({ ...record, file: 'bench', line })),
    });
    const refused = taken.find(({ outcome }) => outcome === 'rejected');
    if (refused) throw new Error(`A record was refused: ${JSON.stringify(refused)}`);
  }
}

async function measured(
  tools: Tools,
  { key, view }: { key: string; view: unknown },
): Promise<MeasuredPartner> {
  const partner = await given(tools, { key, kind: 'referral' });
  await publishView(tools, { partner, draft: view });
  const { client } = await addClient(tools, { partnerId: partner.id, name: 'bench' });
  const issued = await issueToken(tools, {
    clientId: client.clientId,
    partnerId: partner.id,
    jkt: null,
  });
  if (!('secret' in issued)) throw new Error('No token was issued.');
  return { partner, token: issued.secret };
}

async function given(tools: Tools, { key, kind }: { key: string; kind: PartnerKind }) {
  const partner = await addPartner(tools, { key, kind, name: `${key} Ltd` });
  const said = { by: 'bench', evidence: 'bench' };
  if ((await findTermsVersions(tools.db)).length === 0) {
    await publishTerms(tools, { version: '1', document: 'Terms.', actor: 'bench' });
  }
  await acceptTerms(tools, { partnerId: partner.id, ...said, actor: 'bench' });
  await publishAgreement(tools, {
    acceptances: { operator: said, partner: said },
    partnerId: partner.id,
    validFrom: '2020-01-01',
    terms: {
      direction: 'payable',
      classes: ['contact', 'account', 'financial', 'billing'],
      purposes: ['identity', 'billing'],
      services: 'all',
      timeZone: 'UTC',
      termsClauses: {},
    },
  });
  return partner;
}

/** Relationships by the thousand: the act takes one at a time, in a transaction each. */
async function relate(
  tools: Tools,
  partner: Partner,
  service: string,
  of: readonly number[],
): Promise<void> {
  for (const batch of batchesOf(of, 500)) {
    const customerIds = batch.map((number) => customerIdOf(customerKey(number)));
    await inTransaction(tools.db, async (tx) => {
      const since = '2026-01-01T00:00:00.000Z';
      await tx.raw(
        `insert into relationships (customer_id, relationship_id, partner_id, service_id, kind,
           attributed_at, activated_at, open_parts, is_active)
         select customer_id, relationship_id, ?, ?, ?, ?, ?, ?::jsonb, true
         from unnest(?::uuid[], ?::uuid[]) as given (customer_id, relationship_id)`,
        [
          ...[partner.id, serviceIdOf(service), partner.kind, since, since],
          JSON.stringify([{ from: since, until: null }]),
          customerIds,
          customerIds.map((id) => uuidOf('bench relationship', partner.id, id)),
        ],
      );
      await refreshJoint(tx, tools, [{ customerIds }]);
    });
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

function* batchesOf<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
