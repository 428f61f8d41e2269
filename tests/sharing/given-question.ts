import type {
  AgreementTerms,
  AgreementVersion,
  Partner,
  PartnerId,
} from '../../src/partners/index.ts';
import { readPolicy, type PartnerKind } from '../../src/policy/index.ts';
import type { Question } from '../../src/sharing/sharing-rules.ts';
import type { View } from '../../src/views/index.ts';
import { noon } from '../support/house.ts';

/** Questions to the decision: everything is allowed but what a test changes. */

const partnerId = '00000000-0000-4000-8000-000000000001' as PartnerId;

export const givenTerms: AgreementTerms = {
  direction: 'payable',
  classes: ['contact', 'account', 'financial', 'billing'],
  purposes: ['identity', 'billing', 'fees'],
  services: 'all',
  timeZone: 'UTC',
  termsClauses: {},
};

export function givenAgreement(terms: Partial<AgreementTerms> = {}): AgreementVersion {
  const { validFrom, validUntil } = { validFrom: '2026-01-01', validUntil: null };
  return { partnerId, version: 1, validFrom, validUntil, terms: { ...givenTerms, ...terms } };
}

export const givenView: View = {
  partnerId,
  version: 1,
  document: { type: 'object', additionalProperties: false, properties: {} },
  digest: '0'.repeat(64),
};

export interface Given extends Partial<Omit<Question, 'grant'>> {
  readonly kind?: PartnerKind;
  readonly status?: Partner['status'];
  readonly terms?: Partial<AgreementTerms>;
  readonly agreements?: readonly AgreementVersion[];
  readonly view?: View | null;
}

export function givenQuestion(given: Given = {}): Question {
  const { kind = 'referral', status = 'active', terms, view = givenView, ...more } = given;
  return {
    policy: readPolicy(),
    grant: {
      epoch: 1n,
      partner: { id: partnerId, key: 'brightside', name: 'Brightside Ltd', kind, status },
      agreements: given.agreements ?? [givenAgreement(terms)],
      view: view ?? undefined,
    },
    scopes: [
      'contact',
      'contact.email',
      'contact.additional',
      'account',
      'financial',
      'billing',
      'business',
    ],
    purposes: ['identity', 'billing', 'fees', 'integration'],
    asked: ['contact', 'billing'],
    now: noon,
    ...more,
  };
}
