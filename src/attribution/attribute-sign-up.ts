import { createHash } from 'node:crypto';
import { relateCustomerIn, UnknownService } from '../intake/index.ts';
import { findPartner } from '../partners/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import { cookieKeyOf, openClicks } from '../promotions/index.ts';
import {
  customerIdOf,
  findService,
  lockCustomers,
  serviceIdOf,
  UnknownCustomer,
} from '../records/index.ts';
import type { RelationshipId } from '../relationships/index.ts';
import {
  afterObjection,
  decideAttribution,
  ruleVersion,
  type Decided,
  type Session,
} from './attribution-rules.ts';
import { findSignUp, guardSignUp, insertAttribution, type SignUpKey } from './attribution-store.ts';
import {
  InvalidSignUp,
  SignUpDiffers,
  type Attribution,
  type AttributionId,
} from './attribution.ts';
import { readFacts } from './read-facts.ts';

/** A sign-up as the operator's own system tells of it. */
export interface SignUp {
  /** The customer's key in the records. */
  readonly customer: string;
  readonly service: string;
  readonly signedUpAt: Date;
  /** The value of the click cookie, where the sign-up's request had one. */
  readonly cookie: string | null;
  /** Whether that request said Sec-GPC: 1. */
  readonly privacyControl: boolean;
  readonly signUpId: string | null;
}

/**
 * Decides whose a sign-up is, and books it: a relationship that is a partner's is opened in the same
 * transaction. Told again it gives the same answer and nothing new. Refusals: `unknown-customer`,
 * `unknown-service`, `invalid-sign-up`, `sign-up-differs`.
 */
export async function attributeSignUp(
  tools: Tools,
  { signUp, by }: { readonly signUp: SignUp; readonly by: string },
): Promise<Attribution> {
  const { signedUpAt, signUpId } = signUp;
  const session = await readSession(tools, signUp);
  const key: SignUpKey = {
    customerId: customerIdOf(signUp.customer),
    serviceId: serviceIdOf(signUp.service),
    signUpId,
  };
  const digest = digestOf(signUp);
  return inTransaction(tools.db, async (tx) => {
    const known = await lockCustomers(tx, [key.customerId]);
    if (!known.has(key.customerId)) throw new Refusal(UnknownCustomer);
    if (!(await findService(tx, key.serviceId))) throw new Refusal(UnknownService);
    if (signUpId !== null) await guardSignUp(tx, signUpId);
    const told = await findSignUp(tx, key);
    if (told?.digest.equals(digest)) return told.attribution;
    if (told) throw new Refusal(SignUpDiffers, undefined, { field: '/signUpId' });
    const decidedAt = tools.clock.now();
    if (signedUpAt > decidedAt) {
      const detail = 'A sign-up cannot be told before it happens.';
      throw new Refusal(InvalidSignUp, detail, { field: '/signedUpAt' });
    }
    const id = newUuid(tools) as AttributionId;
    const facts = await readFacts(tx, { ...key, signedUpAt, session });
    const { decided, relationshipId } = await open(tx, tools, {
      ...{ key, id, signedUpAt, by },
      decided: decideAttribution(facts),
    });
    const attribution = {
      ...{ id, ...key, signedUpAt, ...decided, relationshipId },
      ...{ ruleVersion, toldBy: by, decidedAt },
    };
    await insertAttribution(tx, attribution, digest);
    return { ...attribution, decision: null };
  });
}

/** Opens the relationship of what is attributed. What the ledger refuses is not attributed. */
async function open(
  tx: Transaction,
  tools: Tools,
  attributing: {
    readonly key: SignUpKey;
    readonly id: AttributionId;
    readonly signedUpAt: Date;
    readonly by: string;
    readonly decided: Decided;
  },
): Promise<{ decided: Decided; relationshipId: RelationshipId | null }> {
  const { key, id, signedUpAt, by, decided } = attributing;
  const { partnerId, status } = decided;
  const partner =
    partnerId === null || status !== 'attributed' ? undefined : await findPartner(tx, partnerId);
  if (!partner) return { decided, relationshipId: null };
  const evidence = `attribution ${id}, rules ${String(ruleVersion)}`;
  try {
    const { customerId, serviceId } = key;
    const change = { partner, customerId, serviceId, at: signedUpAt, evidence, actor: by };
    const opened = await relateCustomerIn(tx, tools, { ...change, reference: null });
    return { decided, relationshipId: opened.id };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { decided: afterObjection(decided, error.facts.promise), relationshipId: null };
  }
}

async function readSession(
  { settings }: Tools,
  { cookie, privacyControl }: SignUp,
): Promise<Session> {
  if (privacyControl) return { is: 'privacy-control' };
  if (cookie === null) return { is: 'no-cookie' };
  const clicks = await openClicks(cookieKeyOf(settings), cookie);
  return clicks ? { is: 'read', ...clicks } : { is: 'unreadable-cookie' };
}

/** Of all that is told, so that the same is known again and nothing of it has to be kept. */
function digestOf({ customer, service, signedUpAt, cookie, privacyControl }: SignUp): Buffer {
  const told = [customer, service, signedUpAt.toISOString(), cookie, privacyControl];
  return createHash('sha256').update(JSON.stringify(told)).digest();
}
