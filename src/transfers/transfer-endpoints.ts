import { findPartnerByKey, UnknownPartner, type Partner } from '../partners/index.ts';
import type { StaffCaller } from '../people/index.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { matching } from '../platform/http/query.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { bookRemittance } from './book-remittance.ts';
import { listRemittances } from './list-remittances.ts';
import { remittanceOnWire } from './transfer-wire-rules.ts';

interface Remitted {
  readonly partner: string;
  readonly reference: string;
  readonly amount: { readonly amount: number; readonly currency: string };
  readonly on: string;
}

/** What partners paid us, for finance. */
export function transferLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  const finance = { scope: 'role:finance', status: 200 } as const;
  return [
    endpoint({
      ...finance,
      method: 'get',
      path: '/remittances',
      gives: 'transfers/list-remittances.gives',
      query: { partner: matching(/^[a-z0-9-]{1,100}$/, 'a partner’s key') },
      does: async ({ query: { partner } }) => {
        const partnerId =
          partner === undefined ? undefined : (await readPartner(tools, partner)).id;
        return { data: (await listRemittances(tools, { partnerId })).map(remittanceOnWire) };
      },
    }),
    endpoint({
      ...finance,
      method: 'post',
      path: '/remittances',
      takes: 'transfers/remit.takes',
      gives: 'transfers/remittance.gives',
      does: async ({ caller, body }) => {
        const { partner: key, reference, amount, on: onDay } = body as Remitted;
        const partner = await readPartner(tools, key);
        const booked = await bookRemittance(tools, {
          ...{ partner, reference, onDay, currency: amount.currency },
          ...{ amountMinor: BigInt(amount.amount), by: caller.staffId },
        });
        return remittanceOnWire(booked);
      },
    }),
  ];
}

async function readPartner({ db }: Tools, key: string): Promise<Partner> {
  const partner = await findPartnerByKey(db, key);
  if (!partner) throw new Refusal(UnknownPartner);
  return partner;
}
