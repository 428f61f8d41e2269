import type { Express } from 'express';
import request from 'supertest';
import { relateCustomer, takeRecords } from '../../src/intake/index.ts';
import { publishAgreement, type FeeTerms } from '../../src/agreements/index.ts';
import { addPartner, type Partner } from '../../src/partners/index.ts';
import type { Tools } from '../../src/platform/tools.ts';
import type { DataClass, PartnerKind, Purpose } from '../../src/policy/index.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import { addClient } from '../../src/clients/index.ts';
import { publishView } from '../../src/views/index.ts';
import { acceptances, admit } from './admit.ts';

/** The world of a test, built through the same acts as the real one. */

export const fee: FeeTerms = {
  kind: 'percent',
  ratePercent: '20',
  rounding: 'half-even',
  currencies: ['EUR', 'USD'],
};

export interface GivenPartner {
  readonly partner: Partner;
  readonly clientId: string;
  readonly secret: string;
}

/** A partner with an agreement (since 2020 where nothing is said), a view and a client. */
export async function givenPartner(
  tools: Tools,
  {
    key = 'brightside',
    kind = 'referral',
    classes = ['contact', 'account', 'financial', 'billing'],
    purposes = ['identity', 'billing', 'fees'],
    view = { customer: true, invoice: true, payment: true, refund: true },
    termsClauses = {},
    terms = {},
    validFrom = '2020-01-01',
  }: {
    key?: string;
    kind?: PartnerKind;
    classes?: readonly DataClass[];
    purposes?: readonly Purpose[];
    view?: Record<string, unknown> | null;
    termsClauses?: Record<string, string>;
    terms?: Record<string, unknown>;
    validFrom?: string;
  } = {},
): Promise<GivenPartner> {
  const partner = await addPartner(tools, { key, kind, name: `${key} Ltd` });
  await admit(tools, partner.id);
  await publishAgreement(tools, {
    acceptances,
    partnerId: partner.id,
    validFrom,
    terms: {
      direction: 'payable',
      classes,
      purposes,
      services: 'all',
      timeZone: 'UTC',
      termsClauses,
      fee,
      ...terms,
    },
  });
  if (view)
    await publishView(tools, { partner, draft: { type: 'object', properties: sharedPart(view) } });
  const { client, secret } = await addClient(tools, { partnerId: partner.id, name: 'test' });
  return { partner: { ...partner, status: 'active' }, clientId: client.clientId, secret };
}

/** `customer: true` would reach e-mail and additional details, which need a clause: leave them out. */
function sharedPart(view: Record<string, unknown>): Record<string, unknown> {
  if (view['customer'] !== true) return view;
  const customer = { properties: { contact: true, account: true, financial: true, billing: true } };
  return { ...view, customer };
}

/** Takes records in and insists that none is refused. */
export async function givenRecords(
  tools: Tools,
  records: readonly (readonly [type: string, value: Record<string, unknown>])[],
): Promise<void> {
  const taken = await takeRecords(tools, {
    records: records.map(([type, value], index) => ({
      type,
      value,
      file: 'given',
      line: index + 1,
    })),
  });
  const refused = taken.filter(({ outcome }) => outcome === 'rejected');
  if (refused.length > 0) throw new Error(`A given record was refused: ${JSON.stringify(refused)}`);
}

export const service = (id = 'store') => ['service', { id, code: id, name: `The ${id}` }] as const;

export const customer = (id: string, more: Record<string, unknown> = {}) =>
  [
    'customer',
    {
      id,
      contact: {
        kind: 'person',
        name: `Person ${id}`,
        phone: '+1 555 0100',
        address: { city: 'Springfield' },
      },
      email: { address: `${id}@example.test` },
      additional: { title: 'Director', fax: '+1 555 0101' },
      account: { number: `A-${id}`, plan: 'pro' },
      billing: { name: `Billing ${id}`, address: { city: 'Shelbyville' } },
      ...more,
    },
  ] as const;

export const money = (amount: number, currency = 'EUR') => ({ amount, currency });

export const invoice = (id: string, of: string, more: Record<string, unknown> = {}) =>
  [
    'invoice',
    {
      id,
      customer: of,
      service: 'store',
      number: `N-${id}`,
      issuedOn: '2026-03-01',
      total: money(1200),
      ...more,
    },
  ] as const;

export const payment = (id: string, of: string, more: Record<string, unknown> = {}) =>
  [
    'payment',
    {
      id,
      customer: of,
      service: 'store',
      settledAt: '2026-03-02T10:00:00Z',
      amount: money(1200),
      ...more,
    },
  ] as const;

export const refund = (id: string, of: string, paid: string, more: Record<string, unknown> = {}) =>
  [
    'refund',
    {
      id,
      customer: of,
      service: 'store',
      payment: paid,
      refundedAt: '2026-03-05T10:00:00Z',
      kind: 'refund',
      amount: money(300),
      ...more,
    },
  ] as const;

/** Attributes (or connects) a customer; the records of the customer and service exist. */
export async function givenRelationship(
  tools: Tools,
  partner: Partner,
  of: string,
  { at = new Date('2026-01-01T00:00:00Z'), serviceKey = 'store' } = {},
): Promise<void> {
  await relateCustomer(tools, {
    partner,
    customerId: customerIdOf(of),
    serviceId: serviceIdOf(serviceKey),
    at,
    evidence: 'given',
    actor: 'test',
    reference: null,
  });
}

/** A customer with an invoice and a payment, shared with a partner. */
export async function givenSharedCustomer(
  tools: Tools,
  partner: Partner,
  id: string,
): Promise<void> {
  await givenRecords(tools, [
    service(),
    customer(id),
    invoice(`i-${id}`, id),
    payment(`p-${id}`, id),
  ]);
  await givenRelationship(tools, partner, id);
}

/** An access token, asked for as a client does. */
export async function givenToken(
  gateway: Express,
  { clientId, secret }: Pick<GivenPartner, 'clientId' | 'secret'>,
  form: Record<string, string> = {},
): Promise<string> {
  const answer = await request(gateway)
    .post('/oauth/token')
    .auth(clientId, secret)
    .type('form')
    .send({ grant_type: 'client_credentials', ...form });
  const { access_token: token } = answer.body as { access_token?: string };
  if (token === undefined) throw new Error(`No token: ${answer.text}`);
  return token;
}
