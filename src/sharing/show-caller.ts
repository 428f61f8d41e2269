import { agreementInForce } from '../agreements/index.ts';
import { showBudget } from '../budgets/index.ts';
import type { Tools } from '../platform/tools.ts';
import { Refusal } from '../platform/refusal.ts';
import { policyInForce } from '../policy/index.ts';
import type { Caller } from '../tokens/index.ts';
import { endOf, viewServed, viewsServed } from '../views/index.ts';
import { readableViews } from './compiled-views.ts';
import { forgetGrant, readGrant } from './read-grant.ts';
import { ViewNotServed } from './sharing.ts';

/**
 * Tells a caller who it is and what its token can read now, through the version of its view that it
 * asks for or else the newest. Shows no customer data.
 */
export async function showCaller(
  tools: Tools,
  { caller, view: asked }: { caller: Caller; view?: number | undefined },
): Promise<Record<string, unknown>> {
  forgetGrant(tools, caller.partnerId);
  const { grant } = await readGrant(tools, caller.partnerId);
  const { policies, agreements, views } = grant;
  const now = tools.clock.now();
  const policy = policyInForce(policies, now);
  const agreement = agreementInForce(agreements, now);
  const view = viewServed(views, { now, asked });
  if (!view && viewServed(views, { now })) throw new Refusal(ViewNotServed);
  return {
    partner: { key: caller.partnerKey, name: caller.partnerName, kind: caller.kind },
    token: {
      id: caller.tokenId,
      client: caller.clientId,
      scopes: caller.scopes,
      purposes: caller.purposes,
      ...(caller.isSandbox && { sandbox: true }),
    },
    policy: policy ? { version: policy.version } : null,
    agreement: agreement
      ? {
          version: agreement.version,
          validFrom: agreement.validFrom,
          validUntil: agreement.validUntil,
          classes: agreement.terms.classes,
          purposes: agreement.terms.purposes,
        }
      : null,
    view: view
      ? {
          version: view.version,
          digest: view.digest,
          records: await fieldsOf(tools, caller, view.version),
        }
      : null,
    views: viewsServed(views, now).map((served) => ({
      version: served.version,
      digest: served.digest,
      effective: served.effectiveAt.toISOString(),
      sunset: endOf(served, views)?.retiresAt.toISOString() ?? null,
    })),
    limits: { recordsPerPage: 1000, ...(await budgetsOf(tools, caller)) },
  };
}

/** What its own calls have left of its budgets; nothing is told where it has none. */
async function budgetsOf(tools: Tools, { partnerId }: Caller) {
  const budgets = await showBudget(tools, partnerId);
  if (budgets.length === 0) return {};
  return {
    budgets: budgets.map(({ name, limit, used, endsAt }) => ({
      ...{ name, limit, left: Math.max(0, limit - used), resets: endsAt.toISOString() },
    })),
  };
}

/** For each record type that the caller can read, the fields it would get. */
async function fieldsOf(
  tools: Tools,
  caller: Caller,
  view: number,
): Promise<Record<string, readonly string[]>> {
  const views = await readableViews(tools, { caller, view });
  return Object.fromEntries(views.map(({ recordType, fields }) => [recordType, fields]));
}
