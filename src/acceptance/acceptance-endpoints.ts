import {
  acceptOffer,
  declineOffer,
  findAgreementVersions,
  findOffers,
  InvalidAgreement,
  NoAgreement,
  OfferDecided,
  retireAgreement,
  UnknownOffer,
} from '../agreements/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import type { Tools } from '../platform/tools.ts';
import { acceptTerms, findTermsAcceptances, findTermsVersions } from '../terms/index.ts';
import { InvalidTerms, TermsAccepted, UnknownTerms } from '../terms/index.ts';
import type { Caller } from '../tokens/index.ts';
import { proveFee } from '../views/index.ts';
import { agreementsOnWire, offerNumber, ownTermsOnWire, publicTerms } from './wire-rules.ts';

interface Said {
  readonly by: string;
}

/** What a partner itself says of terms and agreements: its side of them, for a person who is named. */
export function acceptanceEndpoints(tools: Tools): readonly Endpoint<Caller>[] {
  return [...termsLines(tools), ...agreementLines(tools)];
}

/** The terms of service, for anybody. */
export function publicTermsEndpoints(tools: Tools): readonly Endpoint<Caller>[] {
  return [
    endpoint<Caller>({
      method: 'get',
      path: '/terms',
      summary: 'The terms of service in force, and those that are announced.',
      gives: 'acceptance/terms.gives',
      status: 200,
      public: true,
      does: async () => publicTerms(await findTermsVersions(tools.db), tools.clock.now()),
    }),
  ];
}

function termsLines(tools: Tools): readonly Endpoint<Caller>[] {
  const { db, clock } = tools;
  return [
    endpoint({
      method: 'get',
      path: '/terms',
      summary: 'The versions of the terms of service, and which of them the partner has accepted.',
      gives: 'acceptance/own-terms.gives',
      status: 200,
      does: async ({ caller }) =>
        ownTermsOnWire(
          await findTermsVersions(db),
          await findTermsAcceptances(db, caller.partnerId),
          clock.now(),
        ),
    }),
    endpoint({
      method: 'post',
      path: '/terms/:version/acceptance',
      summary: 'The partner accepts a version of the terms, before it takes effect or after.',
      takes: 'acceptance/said.takes',
      gives: 'acceptance/accepted.gives',
      status: 201,
      refuses: [UnknownTerms, TermsAccepted, InvalidTerms],
      does: async ({ caller, params: { version = '' }, body }) => {
        const { by } = body as Said;
        const accepting = { partnerId: caller.partnerId, version, by, ...writtenBy(caller) };
        const { acceptedAt } = await acceptTerms(tools, accepting);
        return { version, by, at: acceptedAt.toISOString() };
      },
    }),
  ];
}

function agreementLines(tools: Tools): readonly Endpoint<Caller>[] {
  const { db } = tools;
  return [
    endpoint({
      method: 'get',
      path: '/agreements',
      summary: 'The versions of the partner’s agreement, what ended them, and what is offered.',
      gives: 'acceptance/agreements.gives',
      status: 200,
      does: async ({ caller: { partnerId } }) =>
        agreementsOnWire(
          await findAgreementVersions(db, partnerId),
          await findOffers(db, partnerId),
          pairwiseOf(tools.settings.keys.pairwise, partnerId),
        ),
    }),
    endpoint({
      method: 'post',
      path: '/agreements/offers/:number/acceptance',
      summary: 'The partner accepts what was offered: it is the next version of the agreement.',
      takes: 'acceptance/said.takes',
      gives: 'acceptance/agreed.gives',
      status: 201,
      refuses: [UnknownOffer, OfferDecided, InvalidAgreement],
      does: async ({ caller, params, body }) => {
        const { by } = body as Said;
        const number = offerNumber(params['number']);
        const { evidence } = writtenBy(caller);
        const deciding = { partnerId: caller.partnerId, number, by, evidence };
        const { version, validFrom } = await acceptOffer(tools, deciding, proveFee);
        return { version, validFrom };
      },
    }),
    endpoint({
      method: 'post',
      path: '/agreements/offers/:number/decline',
      summary: 'The partner declines what was offered; what is in force stays so.',
      takes: 'acceptance/said.takes',
      status: 204,
      refuses: [UnknownOffer, OfferDecided, InvalidAgreement],
      does: async ({ caller: { partnerId }, params, body }) => {
        const { by } = body as Said;
        await declineOffer(tools, { partnerId, number: offerNumber(params['number']), by });
      },
    }),
    endpoint({
      method: 'post',
      path: '/agreements/retirement',
      summary: 'The partner ends its agreement at once: nothing is disclosed from then on.',
      takes: 'acceptance/retired.takes',
      gives: 'acceptance/retired.gives',
      status: 201,
      refuses: [NoAgreement, InvalidAgreement],
      does: async ({ caller: { partnerId }, body }) => {
        const { by, reason } = body as Said & { readonly reason: string };
        const { endsAt } = await retireAgreement(tools, { partnerId, side: 'partner', by, reason });
        return { endsAt: endsAt.toISOString() };
      },
    }),
  ];
}

/** Who wrote down what the partner says: its own client, by a token. */
const writtenBy = ({ clientId, tokenId }: Caller) => ({
  actor: clientId,
  evidence: `said by ${clientId} with ${tokenId}`,
});
