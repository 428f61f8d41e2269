import { findPartnerByKey, UnknownPartner, type Partner } from '../partners/index.ts';
import type { StaffCaller } from '../people/index.ts';
import { isInstant } from '../platform/calendar.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { matching } from '../platform/http/query.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { addPromotion } from './add-promotion.ts';
import { endPromotion } from './end-promotion.ts';
import { listPromotions, type ToldPromotion } from './list-promotions.ts';
import { InvalidPromotion } from './promotion.ts';

const managers = { scope: 'role:partner', status: 200 } as const;
const gives = 'promotions/promotion.gives';

interface Added {
  readonly partner: string;
  readonly code: string;
  readonly landing: string;
  readonly service?: string;
  readonly from?: string;
  readonly until?: string;
}

/** Partners' links, for whoever looks after the partners. */
export function promotionLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  return [
    endpoint({
      ...managers,
      method: 'get',
      path: '/promotions',
      gives: 'promotions/list-promotions.gives',
      query: { partner: matching(/^[a-z0-9-]{1,100}$/, 'a partner’s key') },
      does: async ({ query: { partner } }) => {
        const partnerId =
          partner === undefined ? undefined : (await readPartner(tools, partner)).id;
        return { data: (await listPromotions(tools, { partnerId })).map(promotionOnWire) };
      },
    }),
    endpoint({
      ...managers,
      method: 'post',
      path: '/promotions',
      takes: 'promotions/add-promotion.takes',
      gives,
      does: async ({ caller, body }) => {
        const { partner: key, code, landing, service, from, until } = body as Added;
        const partner = await readPartner(tools, key);
        const added = await addPromotion(tools, {
          ...{ partnerId: partner.id, code, landing, service },
          from: momentOf('from', from),
          until: momentOf('until', until),
          by: caller.staffId,
        });
        return told(tools, added.code);
      },
    }),
    endpoint({
      ...managers,
      method: 'post',
      path: '/promotions/:code/end',
      takes: 'promotions/end-promotion.takes',
      gives,
      does: async ({ caller, params: { code = '' }, body }) => {
        const { at } = body as { at?: string };
        const by = caller.staffId;
        const ended = await endPromotion(tools, { code, at: momentOf('at', at), by });
        return told(tools, ended.code);
      },
    }),
  ];
}

async function readPartner({ db }: Tools, key: string): Promise<Partner> {
  const partner = await findPartnerByKey(db, key);
  if (!partner) throw new Refusal(UnknownPartner);
  return partner;
}

async function told(tools: Tools, code: string) {
  const found = (await listPromotions(tools)).find((one) => one.code === code);
  return found && promotionOnWire(found);
}

function promotionOnWire(promotion: ToldPromotion) {
  const { code, partner, service, landing, link, standing, from, until } = promotion;
  const moments = { from: from.toISOString(), until: until?.toISOString() ?? null };
  return { code, partner, service, landing, link, standing, ...moments };
}

function momentOf(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  if (isInstant(text)) return new Date(text);
  const detail = 'A moment is written as 2026-01-31T12:00:00Z, with its offset.';
  throw new Refusal(InvalidPromotion, detail, { field: `/${field}` });
}
