import type { AgreementTerms, AgreementVersion } from '../../src/agreements/index.ts';
import type { Partner, PartnerId } from '../../src/partners/index.ts';
import type { PartnerKind, PolicyVersion } from '../../src/policy/index.ts';
import type { Question } from '../../src/sharing/sharing-rules.ts';
import type { View } from '../../src/views/index.ts';
import { firstPolicy } from '../support/first-policy.ts';
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
  return {
    partnerId,
    version: 1,
    validFrom,
    validUntil,
    retirement: null,
    publishedAt: noon,
    terms: { ...givenTerms, ...terms },
  };
}

export const givenView: View = {
  partnerId,
  version: 1,
  document: { type: 'object', additionalProperties: false, properties: {} },
  digest: '0'.repeat(64),
  publishedAt: new Date('2026-01-01T00:00:00Z'),
  effectiveAt: new Date('2026-01-01T00:00:00Z'),
  actor: 'test',
  retirement: null,
};

export const givenPolicy: PolicyVersion = {
  version: firstPolicy.version,
  document: firstPolicy,
  digest: '0'.repeat(64),
  notice: 'It is the first.',
  responseDirections: 'Write to privacy@example.test.',
  noticeDays: 30,
  reading: 'thirty',
  country: 'US',
  timeZone: 'UTC',
  actor: 'test',
  publishedAt: new Date('2026-01-01T00:00:00Z'),
  effectiveAt: new Date('2026-01-01T00:00:00Z'),
};

export interface Given extends Partial<Omit<Question, 'grant' | 'view'>> {
  readonly kind?: PartnerKind;
  readonly status?: Partner['status'];
  readonly terms?: Partial<AgreementTerms>;
  readonly agreements?: readonly AgreementVersion[];
  readonly views?: readonly View[];
  readonly policies?: readonly PolicyVersion[];
  /** The version that is asked for. */
  readonly view?: number;
}

export function givenQuestion(given: Given = {}): Question {
  const {
    kind = 'referral',
    status = 'active',
    terms,
    views = [givenView],
    policies = [givenPolicy],
    ...more
  } = given;
  return {
    grant: {
      epoch: 1n,
      partner: {
        id: partnerId,
        key: 'brightside',
        name: 'Brightside Ltd',
        kind,
        status,
        legalForm: 'company',
      },
      agreements: given.agreements ?? [givenAgreement(terms)],
      policies,
      views,
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
