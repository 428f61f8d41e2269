import type { RecordType } from '../catalogue/index.ts';
import {
  customerIdOf,
  recordIdOf,
  serviceIdOf,
  type CheckedRecord,
  type CustomerId,
  type JsonObject,
  type JsonValue,
  type RecordId,
  type RecordProblem,
  type ServiceId,
  type StoredOutcome,
} from './record.ts';

/** What storing needs to know of a record whose shape and values are right. */
export function recordOf(type: RecordType, body: JsonObject): CheckedRecord {
  const text = (member: string) => (typeof body[member] === 'string' ? body[member] : undefined);
  const key = text('id') ?? '';
  const customerKey = type.name === 'customer' ? key : text('customer');
  const serviceKey = type.name === 'service' ? key : text('service');
  const isNote = type.name === 'refund' && body['kind'] === 'credit-note';
  const named = isNote ? 'invoice' : settledBy[type.name];
  const settledKey = named === undefined ? undefined : text(named);
  const dated = type.datedBy ? (text(type.datedBy.member) ?? null) : null;
  return {
    type: type.name,
    key,
    recordId: recordIdOf(type.name, key),
    customerId: customerKey === undefined ? null : customerIdOf(customerKey),
    serviceId: serviceKey === undefined ? null : serviceIdOf(serviceKey),
    settles: named && settledKey ? { type: named, recordId: recordIdOf(named, settledKey) } : null,
    currency: currencyOf(body),
    amountMinor: amountOf(body),
    // PostgreSQL would round a longer fraction, perhaps into the next day.
    datedAt: type.datedBy?.kind === 'instant' ? microseconds(dated) : null,
    datedOn: type.datedBy?.kind === 'date' ? dated : null,
    body,
  };
}

const settledBy: Readonly<Record<string, 'invoice' | 'payment'>> = {
  payment: 'invoice',
  refund: 'payment',
};

const microseconds = (instant: string | null) =>
  instant?.replace(/(\.[0-9]{6})[0-9]+/, '$1') ?? null;

function currencyOf(body: JsonObject): string | null {
  const money = (value: JsonValue): value is JsonObject =>
    typeof value === 'object' && value !== null && 'currency' in value;
  const currency = Object.values(body).find(money)?.['currency'];
  return typeof currency === 'string' ? currency : null;
}

function amountOf({ amount }: JsonObject): bigint | null {
  if (typeof amount !== 'object' || amount === null || !('amount' in amount)) return null;
  const { amount: minor } = amount;
  return typeof minor === 'number' && Number.isSafeInteger(minor) ? BigInt(minor) : null;
}

/** What the database holds of the records at hand and of those they name. */
export interface Standing {
  readonly customers: ReadonlySet<CustomerId>;
  readonly services: ReadonlySet<ServiceId>;
  readonly records: ReadonlyMap<RecordId, StandingRecord>;
}
export interface StandingRecord {
  readonly customerId: CustomerId | null;
  readonly serviceId: ServiceId | null;
  readonly currency: string | null;
  readonly amountMinor: bigint | null;
  readonly datedAt: string | Date | null;
  /** Whether what is at hand says the same. */
  readonly isSame: boolean;
}

/**
 * What is to become of each record, in the order given. A record may name one that is stored with it,
 * so those that are named are decided first; one that is refused counts for nobody.
 */
export function decideStorage(
  records: readonly CheckedRecord[],
  standing: Standing,
): StoredOutcome[] {
  const outcomes = new Map<CheckedRecord, StoredOutcome>();
  const known = new Map<RecordId, Omit<StandingRecord, 'isSame'>>(standing.records);
  const services = new Set(standing.services);
  const byRank = [...records].sort((a, b) => rankOf(a) - rankOf(b));
  for (const record of byRank) {
    const before = standing.records.get(record.recordId);
    const problem = problemOf(record, { ...standing, services, known });
    if (problem) {
      outcomes.set(record, { outcome: 'refused', problem });
      continue;
    }
    outcomes.set(record, { outcome: !before ? 'new' : before.isSame ? 'unchanged' : 'changed' });
    known.set(record.recordId, record);
    if (record.type === 'service' && record.serviceId) services.add(record.serviceId);
  }
  return records.map((record) => outcomes.get(record) ?? { outcome: 'unchanged' });
}

const ranks = ['service', 'customer', 'invoice', 'payment', 'refund'];
const rankOf = ({ type }: CheckedRecord) => (ranks.includes(type) ? ranks.indexOf(type) : 9);

interface Known extends Standing {
  readonly known: ReadonlyMap<RecordId, Omit<StandingRecord, 'isSame'>>;
}

function problemOf(record: CheckedRecord, held: Known): RecordProblem | undefined {
  const { customerId, serviceId, recordId, type } = record;
  if (type === 'service') return undefined;
  if (!customerId || !held.customers.has(customerId)) {
    return problem('/customer', 'unknown-customer', 'No such customer is known.');
  }
  if (serviceId && !held.services.has(serviceId)) {
    return problem('/service', 'unknown-service', 'No such service is known.');
  }
  const before = held.records.get(recordId);
  if (before && before.customerId !== customerId) {
    return problem('/customer', 'customer-changed', 'The record belongs to another customer.');
  }
  if (before && before.serviceId !== serviceId && ranks.includes(type)) {
    return problem('/service', 'service-changed', 'The record belongs to another service.');
  }
  return settlementProblem(record, held);
}

function settlementProblem(record: CheckedRecord, { known }: Known): RecordProblem | undefined {
  if (!record.settles) return undefined;
  const { type, recordId } = record.settles;
  const named = known.get(recordId);
  if (!named) return problem(`/${type}`, `unknown-${type}`, `No such ${type} is known.`);
  if (named.customerId !== record.customerId) {
    return problem('/customer', 'mixed-customers', `The ${type} belongs to another customer.`);
  }
  if (named.serviceId !== record.serviceId) {
    return problem('/service', 'mixed-services', `The ${type} belongs to another service.`);
  }
  if (named.currency !== record.currency) {
    return problem('/amount/currency', 'mixed-currencies', `The ${type} is in another currency.`);
  }
  return record.type === 'refund' && type === 'payment' ? refundProblem(record, named) : undefined; // prettier-ignore
}

/** What goes back was paid before, and is no more than was paid. */
function refundProblem(
  record: CheckedRecord,
  payment: Omit<StandingRecord, 'isSame'>,
): RecordProblem | undefined {
  const { amountMinor, datedAt } = record;
  if (amountMinor !== null && payment.amountMinor !== null && amountMinor > payment.amountMinor) {
    return problem('/amount/amount', 'above-payment', 'More goes back than the payment was.');
  }
  if (datedAt !== null && payment.datedAt !== null && moment(datedAt) < moment(payment.datedAt)) {
    return problem('/refundedAt', 'before-payment', 'It goes back before the payment settled.');
  }
  return undefined;
}

const moment = (at: string | Date): number => new Date(at).getTime();

function problem(field: string, reason: string, sentence: string): RecordProblem {
  return { field, reason, sentence };
}
