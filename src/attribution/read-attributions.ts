import { findPartners } from '../partners/index.ts';
import { openCursor, sealCursor } from '../platform/cursor.ts';
import type { Database } from '../platform/database.ts';
import { refuseParameter } from '../platform/http/query.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findPromotionsById } from '../promotions/index.ts';
import { findCustomerKeys, findServices } from '../records/index.ts';
import { findAttribution, findAttributions } from './attribution-store.ts';
import {
  attributionIdOf,
  UnknownAttribution,
  type Attribution,
  type AttributionStatus,
  type WeighedClick,
} from './attribution.ts';

/** A click with the names that people know. */
export interface ToldClick {
  readonly code: string | null;
  readonly partner: string | null;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly fault: WeighedClick['fault'];
  readonly likeness: WeighedClick['likeness'];
}

/** An attribution with keys in the place of ids; the customer's is null once its records are gone. */
export interface ToldAttribution extends Omit<Attribution, 'evidence'> {
  readonly customer: string | null;
  readonly service: string;
  readonly partner: string | null;
  readonly evidence: Omit<Attribution['evidence'], 'clicks'> & {
    readonly clicks: readonly ToldClick[];
  };
}

/** One attribution with its evidence. Throws Refusal `unknown-attribution`. */
export async function readAttribution(
  { db }: Pick<Tools, 'db'>,
  { id: text }: { readonly id: string },
): Promise<ToldAttribution> {
  const id = attributionIdOf(text);
  const found = id && (await findAttribution(db, id));
  const [told] = found ? await tellAttributions(db, [found]) : [];
  if (!told) throw new Refusal(UnknownAttribution);
  return told;
}

/**
 * Attributions of one status or of all, the newest first, after the place that `cursor` names; `next`
 * is null at the end. Refuses a cursor that was not made for the same status as `param-invalid`.
 */
export async function listAttributions(
  { db, settings }: Pick<Tools, 'db' | 'settings'>,
  asked: {
    readonly status?: AttributionStatus | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
): Promise<{ attributions: readonly ToldAttribution[]; next: string | null }> {
  const { status, limit, cursor } = asked;
  const { cursor: key } = settings.keys;
  const context = ['attributions', status ?? ''];
  const before = cursor === undefined ? undefined : openCursor(key, context, cursor);
  if (cursor !== undefined && before === undefined) {
    refuseParameter('cursor', 'must be the `next` of an earlier answer');
  }
  const found = await findAttributions(db, { status, before, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return {
    attributions: await tellAttributions(db, shown),
    next: last ? sealCursor(key, context, last.id) : null,
  };
}

/** Attributions as people and the operator's systems read them. */
async function tellAttributions(
  db: Database,
  attributions: readonly Attribution[],
): Promise<ToldAttribution[]> {
  if (attributions.length === 0) return [];
  const customers = await findCustomerKeys(db, [
    ...new Set(attributions.map(({ customerId }) => customerId)),
  ]);
  const services = new Map((await findServices(db)).map(({ id, key }) => [id, key]));
  const partners = new Map((await findPartners(db)).map(({ id, key }) => [id, key]));
  const clicked = attributions.flatMap(({ evidence }) => evidence.clicks);
  const ids = [...new Set(clicked.map(({ promotionId }) => promotionId))];
  const codes = new Map((await findPromotionsById(db, ids)).map(({ id, code }) => [id, code]));
  return attributions.map(({ evidence, ...one }) => ({
    ...one,
    customer: customers.get(one.customerId) ?? null,
    service: services.get(one.serviceId) ?? '',
    partner: one.partnerId === null ? null : (partners.get(one.partnerId) ?? null),
    evidence: {
      ...evidence,
      clicks: evidence.clicks.map(({ promotionId, partnerId, ...click }) => ({
        ...click,
        code: codes.get(promotionId) ?? null,
        partner: partnerId === null ? null : (partners.get(partnerId) ?? null),
      })),
    },
  }));
}
