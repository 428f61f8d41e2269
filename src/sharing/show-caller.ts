import { agreementInForce } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import { readPolicy } from '../policy/index.ts';
import type { Caller } from '../tokens/index.ts';
import { readableViews } from './compiled-views.ts';
import { forgetGrant, readGrant } from './read-grant.ts';

/** Tells a caller who it is and what its token can read now. Shows no customer data. */
export async function showCaller(
  tools: Tools,
  { caller }: { caller: Caller },
): Promise<Record<string, unknown>> {
  forgetGrant(tools, caller.partnerId);
  const { grant } = await readGrant(tools, caller.partnerId);
  const { agreements, view } = grant;
  const agreement = agreementInForce(agreements, tools.clock.now());
  return {
    partner: { key: caller.partnerKey, name: caller.partnerName, kind: caller.kind },
    token: {
      id: caller.tokenId,
      client: caller.clientId,
      scopes: caller.scopes,
      purposes: caller.purposes,
    },
    policy: { version: readPolicy().version },
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
      ? { version: view.version, digest: view.digest, records: await fieldsOf(tools, caller) }
      : null,
    limits: { recordsPerPage: 1000 },
  };
}

/** For each record type that the caller can read, the fields it would get. */
async function fieldsOf(tools: Tools, caller: Caller): Promise<Record<string, readonly string[]>> {
  const views = await readableViews(tools, { caller });
  return Object.fromEntries(views.map(({ recordType, fields }) => [recordType, fields]));
}
