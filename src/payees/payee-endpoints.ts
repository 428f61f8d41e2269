import { findPartnerByKey, UnknownPartner } from '../partners/index.ts';
import type { StaffCaller } from '../people/index.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { listPayees } from './list-payees.ts';
import { proposePayee } from './propose-payee.ts';

/** Where partners are paid, for the operator’s finance. */
export function payeeLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  return [
    endpoint({
      method: 'get',
      path: '/payees',
      scope: 'role:finance',
      status: 200,
      gives: 'payees/list-payees.gives',
      does: async () => ({ data: (await listPayees(tools)).map(onWire) }),
    }),
    endpoint({
      method: 'post',
      path: '/partners/:partner/payees',
      scope: 'role:finance',
      status: 201,
      takes: 'payees/propose-payee.takes',
      gives: 'payees/propose-payee.gives',
      does: async ({ caller, params: { partner: key = '' }, body }) => {
        const partner = await findPartnerByKey(tools.db, key);
        if (!partner) throw new Refusal(UnknownPartner);
        const { currency, ...account } = body as {
          currency: string;
          name: string;
          account: string;
          bic?: string;
        };
        const proposal = { partner, currency, account, by: caller.staffId };
        const { id, expiresAt } = await proposePayee(tools, proposal);
        return { proposal: { id, expiresAt: expiresAt.toISOString() } };
      },
    }),
  ];
}

function onWire(
  payee: Awaited<ReturnType<typeof listPayees>>[number],
): Readonly<Record<string, unknown>> {
  const { partnerKey, currency, version, name, account, bic } = payee;
  const { proposedBy, approvedBy, approvedAt } = payee;
  const named = { by: proposedBy, approvedBy, at: approvedAt.toISOString() };
  return { partner: partnerKey, currency, version, name, account, bic, named };
}
