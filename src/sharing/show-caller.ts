import { agreementInForce } from '../partners/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { policyInForce } from '../policy/index.ts';
import { catalogueOf } from '../catalogue/index.ts';
import type { Caller } from '../tokens/index.ts';
import { compiledFor, classesOf } from './compiled-views.ts';
import { decideFor } from './decide-for.ts';
import { forgetGrant, readGrant } from './read-grant.ts';

/** Tells a caller who it is and what its token can read now. Shows no customer data. */
export async function showCaller(
  tools: Tools,
  { caller }: { caller: Caller },
): Promise<Record<string, unknown>> {
  forgetGrant(tools, caller.partnerId);
  const { grant } = await readGrant(tools, caller.partnerId);
  const { policies, agreements, view } = grant;
  const now = tools.clock.now();
  const policy = policyInForce(policies, now);
  const agreement = agreementInForce(agreements, now);
  return {
    partner: { key: caller.partnerKey, name: caller.partnerName, kind: caller.kind },
    token: {
      id: caller.tokenId,
      client: caller.clientId,
      scopes: caller.scopes,
      purposes: caller.purposes,
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
      ? { version: view.version, digest: view.digest, records: await readable(tools, caller) }
      : null,
    limits: { recordsPerPage: 1000 },
  };
}

/** For each record type that the caller can read, the fields it would get. */
async function readable(tools: Tools, caller: Caller): Promise<Record<string, readonly string[]>> {
  const shown: Record<string, readonly string[]> = {};
  for (const type of catalogueOf(tools.settings).types.values()) {
    try {
      const decision = await decideFor(tools, { caller, asked: classesOf(type) });
      shown[type.name] = compiledFor(type, decision).fields;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return shown;
}
