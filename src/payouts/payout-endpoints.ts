import type { StaffCaller } from '../people/index.ts';
import { bytesAnswer } from '../platform/http/answer.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { listPayouts, readPayout } from './list-payouts.ts';
import { makePayout } from './make-payout.ts';
import { leftOutOnWire, payoutOnWire } from './payout-wire-rules.ts';
import { UnknownPayout } from './payout.ts';
import { readPayoutFile } from './read-payout-file.ts';
import { payPayout, releasePayout } from './settle-payout.ts';

const finance = { scope: 'role:finance', status: 200 } as const;
const one = '/payouts/:number';

/** Payout batches, for the operator’s finance. */
export function payoutLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  return [
    endpoint({
      ...finance,
      method: 'get',
      path: '/payouts',
      gives: 'payouts/list-payouts.gives',
      does: async () => ({ data: (await listPayouts(tools)).map(payoutOnWire) }),
    }),
    endpoint({
      ...finance,
      status: 201,
      method: 'post',
      path: '/payouts',
      takes: 'payouts/make-payout.takes',
      gives: 'payouts/make-payout.gives',
      does: async ({ caller, body }) => {
        const asked = body as { currency: string; executeOn?: string; endedBefore?: string };
        const { batch, leftOut } = await makePayout(tools, { ...asked, by: caller.staffId });
        return { payout: payoutOnWire(batch), leftOut: leftOut.map(leftOutOnWire) };
      },
    }),
    endpoint({
      ...finance,
      method: 'get',
      path: one,
      gives: 'payouts/payout.gives',
      does: async ({ params }) => payoutOnWire(await readPayout(tools, numberIn(params))),
    }),
    endpoint({
      ...finance,
      method: 'get',
      path: `${one}/csv`,
      media: ['text/csv'],
      does: async ({ params }) => {
        const asked = { number: numberIn(params), format: 'csv' } as const;
        return bytesAnswer({ contentType: 'text/csv', body: await readPayoutFile(tools, asked) });
      },
    }),
    endpoint({
      ...finance,
      method: 'get',
      path: `${one}/pain.001`,
      media: ['application/xml'],
      does: async ({ params }) => {
        const asked = { number: numberIn(params), format: 'pain.001' } as const;
        return bytesAnswer({
          contentType: 'application/xml',
          body: await readPayoutFile(tools, asked),
        });
      },
    }),
    endpoint({
      ...finance,
      method: 'post',
      path: `${one}/payment`,
      takes: 'operator/pay-statement.takes',
      gives: 'payouts/payout.gives',
      does: async ({ caller, params, body }) => {
        const { reference } = body as { reference: string };
        const paid = { number: numberIn(params), reference, by: caller.staffId };
        return payoutOnWire(await payPayout(tools, paid));
      },
    }),
    endpoint({
      ...finance,
      method: 'post',
      path: `${one}/release`,
      takes: 'payouts/release-payout.takes',
      gives: 'payouts/payout.gives',
      does: async ({ caller, params, body }) => {
        const { items, reason } = body as { items?: readonly number[]; reason: string };
        const release = { number: numberIn(params), positions: items, reason, by: caller.staffId };
        return payoutOnWire(await releasePayout(tools, release));
      },
    }),
  ];
}

/** What is no number of a batch names none. */
function numberIn({ number = '' }: Readonly<Record<string, string>>): number {
  if (!/^[1-9][0-9]{0,8}$/.test(number)) throw new Refusal(UnknownPayout);
  return Number(number);
}
