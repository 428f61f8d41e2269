import { acceptanceEndpoints, publicTermsEndpoints } from './acceptance/index.ts';
import type { Express } from 'express';
import { collectionEndpoints } from './billing/index.ts';
import { meterCaller } from './budgets/index.ts';
import { withContract, type Api } from './contract/index.ts';
import { disclosureEndpoints } from './disclosures/index.ts';
import { checkLog } from './logs/index.ts';
import { operatorEndpoints } from './operator/index.ts';
import { RoleMissing, verifyStaffKey, type StaffCaller } from './people/index.ts';
import { createApp } from './platform/http/app.ts';
import { bearer } from './platform/http/bearer.ts';
import { healthRoutes } from './platform/http/health.ts';
import { linkRoutes } from './platform/http/links.ts';
import { mount, type CallerOf } from './platform/http/mount.ts';
import { mountOauth } from './platform/http/oauth.ts';
import { answerProblems, answerUnknown } from './platform/http/problems.ts';
import { shareLines } from './platform/http/share-lines.ts';
import type { Tools } from './platform/tools.ts';
import { policyEndpoints } from './policy/index.ts';
import { followLink } from './promotions/index.ts';
import { logEndpoints, proofEndpoints } from './publication/index.ts';
import { claimEndpoints } from './resolutions/index.ts';
import { sandboxed } from './sandbox/index.ts';
import { sharingEndpoints } from './sharing/index.ts';
import { statementEndpoints } from './statements/index.ts';
import {
  metadataEndpoints,
  tokenEndpoints,
  verifyBoundToken,
  verifyToken,
  type Caller,
} from './tokens/index.ts';

/**
 * The whole way of a request, top to bottom: the guard refuses what is not plain HTTP, the bearer
 * token (a partner’s, or on the operator API a person’s key) says who calls before any body is read,
 * the endpoint's act decides, reads, logs and answers, and one place turns every refusal and fault
 * into a problem document.
 */
export function createGateway(tools: Tools): Express {
  const bearerOf = bearer<Caller>(
    (secret, peer) => verifyToken(tools, secret, { peer }),
    (request) => verifyBoundToken(tools, request),
  );
  // Every answer to a client of the sandbox says so.
  const callerOf: CallerOf<Caller> = async (request, response) => {
    const caller = await bearerOf(request, response);
    if (caller.isSandbox) response.setHeader('Sluice-Sandbox', 'true');
    return caller;
  };
  const staffOf = bearer<StaffCaller>((key) => verifyStaffKey(tools, key));
  // What is tried with made-up records takes nothing from what is asked in earnest.
  const meter = async (caller: Caller) =>
    caller.isSandbox ? undefined : meterCaller(tools, caller);
  const gateway = createApp(tools);
  const { tables, oauth } = sandboxed(tools, partnerApi(tools));
  for (const { base, lines } of tables) gateway.use(base, mount(lines, callerOf, { meter }));
  gateway.use('/operator/v1', mount(operatorEndpoints(tools), staffOf, { lacking: RoleMissing }));
  gateway.use(mountOauth(oauth));
  gateway.use(linkRoutes('/r', (link) => followLink(tools, link)));
  gateway.use(healthRoutes(() => checkLog(tools)));
  gateway.use(answerUnknown);
  gateway.use(answerProblems(tools.log));
  return gateway;
}

/** Everything that partners can ask, as the tables that are mounted and that the documents tell of. */
export function partnerApi(tools: Tools): Api {
  const inShare = shareLines({ atOnce: 4, waiting: 512 });
  const lines = [
    // Read by connections of which each partner has a share already.
    ...sharingEndpoints(tools),
    ...inShare([
      ...statementEndpoints(tools),
      ...claimEndpoints(tools),
      ...collectionEndpoints(tools),
      ...disclosureEndpoints(tools),
      ...proofEndpoints(tools),
      ...acceptanceEndpoints(tools),
    ]),
  ];
  return withContract(tools, {
    tables: [
      { base: '/v1', lines },
      {
        base: '',
        lines: [
          ...metadataEndpoints(tools),
          ...policyEndpoints<Caller>(tools),
          ...publicTermsEndpoints(tools),
        ],
      },
      { base: '/log', lines: inShare(logEndpoints(tools)) },
    ],
    oauth: tokenEndpoints(tools),
  });
}
