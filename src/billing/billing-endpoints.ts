import { findPartnerByKey, UnknownPartner, type Partner } from '../partners/index.ts';
import type { StaffCaller } from '../people/index.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { matching, required } from '../platform/http/query.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { customerIdOf, serviceIdOf } from '../records/index.ts';
import { billOnWire, changeOnWire, reportOnWire } from './billing-wire-rules.ts';
import { changeMode } from './change-mode.ts';
import { listModeChanges, listReports, readBill } from './read-bills.ts';
import { takeBillBack } from './report-collection.ts';

interface Changed {
  readonly partner: string;
  readonly customer: string;
  readonly service: string;
  readonly mode: string;
  readonly from: string;
  readonly evidence: string;
}

/** Who bills whom, for the operator's people and systems. */
export function billingLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  const scope = ['role:partner', 'role:finance', 'role:intake'];
  return [
    endpoint({
      method: 'get',
      path: '/billing-modes',
      status: 200,
      scope,
      gives: 'billing/list-modes.gives',
      query: { customer: required(/^.{1,200}$/su, 'a customer’s key') },
      does: async ({ query: { customer } }) => ({
        data: (await listModeChanges(tools, customerIdOf(customer))).map(changeOnWire),
      }),
    }),
    endpoint({
      method: 'post',
      path: '/billing-modes',
      status: 200,
      scope: ['role:partner', 'role:intake'],
      takes: 'billing/change-mode.takes',
      gives: 'billing/mode.gives',
      does: async ({ caller, body }) => {
        const { partner: key, customer, service, mode, from: fromDay, evidence } = body as Changed;
        const change = await changeMode(tools, {
          ...{ mode, fromDay, evidence, partner: await readPartner(tools, key) },
          ...{ customerId: customerIdOf(customer), serviceId: serviceIdOf(service) },
          actor: `staff ${caller.staffId}`,
        });
        return changeOnWire({ ...change, partner: key, service });
      },
    }),
    endpoint({
      method: 'get',
      path: '/bills/:invoice',
      status: 200,
      scope,
      gives: 'billing/bill.gives',
      does: async ({ params: { invoice = '' } }) => billOnWire(await readBill(tools, invoice)),
    }),
    endpoint({
      method: 'post',
      path: '/bills/:invoice/return',
      status: 200,
      scope: 'role:finance',
      gives: 'billing/bill.gives',
      does: async ({ caller, params: { invoice = '' } }) => {
        await takeBillBack(tools, { invoiceKey: invoice, by: caller.staffId });
        return billOnWire(await readBill(tools, invoice));
      },
    }),
    endpoint({
      method: 'get',
      path: '/collections',
      status: 200,
      scope: 'role:finance',
      gives: 'billing/list-collections.gives',
      query: {
        partner: required(/^[a-z0-9-]{1,100}$/, 'a partner’s key'),
        after: matching(/^[0-9]{1,15}$/, 'the number of a report'),
      },
      does: async ({ query: { partner: key, after = '0' } }) => {
        const partner = await readPartner(tools, key);
        const page = { partner, after: Number(after), limit: 1000 };
        const { reports, next } = await listReports(tools, page);
        return { data: reports.map(reportOnWire), next: next === undefined ? null : String(next) };
      },
    }),
  ];
}

async function readPartner({ db }: Tools, key: string): Promise<Partner> {
  const partner = await findPartnerByKey(db, key);
  if (!partner) throw new Refusal(UnknownPartner);
  return partner;
}
