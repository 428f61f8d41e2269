import type { PartnerId } from '../partners/index.ts';
import { isSharing, type Choice, type StandingChoice } from './choice.ts';

/** What the rules read of a choice. */
type Said = Pick<Choice, 'partnerId' | 'sharing' | 'at' | 'bookedAt'>;

/**
 * The choice that forbids sharing with a partner, of one customer's choices in their order; the one
 * of all partners comes first. Undefined: none does. With a moment, as it was booked by then. What
 * is said of all partners and what is said of one narrow each other: to allow in one scope lifts no
 * refusal in the other (P32).
 */
export function refusalOf<One extends Said>(
  choices: readonly One[],
  partnerId: PartnerId,
  moment?: Date,
): One | undefined {
  const known = moment ? choices.filter(({ bookedAt }) => bookedAt <= moment) : choices;
  return [null, partnerId]
    .map((scope) => known.findLast((choice) => choice.partnerId === scope))
    .find((choice) => choice?.sharing === 'refused');
}

/** Whether one customer's choices let its data be shared with a partner (P32). */
export function mayShare(choices: readonly Said[], partnerId: PartnerId, moment?: Date): boolean {
  return refusalOf(choices, partnerId, moment) === undefined;
}

/**
 * Why sharing with a partner cannot begin at a moment; undefined when it can. While a refusal
 * stands nothing begins, and what lies before the last refusal was lifted stays closed.
 */
export function objectionToSharing(
  choices: readonly Said[],
  { partnerId, at }: { partnerId: PartnerId; at: Date },
): string | undefined {
  const refusal = refusalOf(choices, partnerId);
  if (refusal) {
    return refusal.partnerId === null
      ? 'The customer has opted out of sharing with any partner.'
      : 'The customer has opted out of sharing with this partner.';
  }
  const lifted = choices.findLast((_, index) => !mayShare(choices.slice(0, index), partnerId));
  return lifted && at < lifted.at
    ? 'It cannot begin before the customer allowed sharing again.'
    : undefined;
}

/** Why a choice cannot follow the customer's earlier ones, and where it is wrong. */
export function objectionToChoice(
  choice: Omit<Choice, 'sharing'> & { readonly sharing: string },
  earlier: readonly Said[],
): { field: string; detail: string } | undefined {
  const { at, bookedAt, evidence, actor, sharing } = choice;
  const wrong = (field: string, detail: string) => ({ field, detail });
  if (!isSharing(sharing)) return wrong('sharing', 'Sharing is refused or allowed.');
  if (!isText(evidence, 1000)) {
    return wrong('evidence', 'The evidence is a text of 1 to 1000 characters.');
  }
  if (!isText(actor, 200)) return wrong('actor', 'The actor is a text of 1 to 200 characters.');
  if (Number.isNaN(at.getTime())) return wrong('at', 'A choice has a moment.');
  if (at > bookedAt) return wrong('at', 'A choice cannot be booked before it is made.');
  const last = earlier.at(-1);
  if (last && at < last.at) {
    return wrong('at', 'It cannot come before the choice that was booked last.');
  }
  const standing = earlier.findLast(({ partnerId }) => partnerId === choice.partnerId);
  if ((standing?.sharing ?? 'allowed') === sharing) {
    return wrong('sharing', already[sharing][choice.partnerId === null ? 'all' : 'partner']);
  }
  return undefined;
}

const already = {
  refused: {
    all: 'The customer has refused all sharing already.',
    partner: 'The customer has refused sharing with this partner already.',
  },
  allowed: {
    all: 'The customer has not refused all sharing.',
    partner: 'The customer has not refused sharing with this partner.',
  },
} as const;

/** No character that the database cannot hold; the length is counted as the database counts it. */
function isText(text: string, most: number): boolean {
  const length = Array.from(text).length;
  return length >= 1 && length <= most && !/[\0\p{Surrogate}]/u.test(text);
}

/** What stands of all partners, then of each partner that a choice names or that is given. */
export function standingChoices(
  choices: readonly Said[],
  partners: readonly { readonly id: PartnerId; readonly key: string }[],
): StandingChoice[] {
  const saidOf = (scope: PartnerId | null) =>
    choices.findLast(({ partnerId }) => partnerId === scope)?.sharing ?? null;
  const all = saidOf(null);
  return [
    { partner: null, choice: all, sharing: all ?? 'allowed' },
    ...partners.map(({ id, key }): StandingChoice => {
      const sharing = mayShare(choices, id) ? 'allowed' : 'refused';
      return { partner: key, choice: saidOf(id), sharing };
    }),
  ];
}
