import {
  findClaim,
  findClaims,
  statusOf,
  UnknownClaim,
  type Claim,
  type ClaimId,
} from '../claims/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import { findPartnerByKey, findPartners, UnknownPartner, type Partner } from '../partners/index.ts';
import { findAllStaff } from '../people/index.ts';
import { openCursor, sealCursor } from '../platform/cursor.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { compareClaim, type Reconciliation } from '../reconciliation/index.ts';
import { CursorInvalid } from '../sharing/index.ts';

/** A claim as finance sees it. */
export interface ShownClaim {
  readonly claim: Claim;
  readonly partnerKey: string;
  readonly partnerName: string;
  /** The names of who brought it in and decided it, by their ids. */
  readonly names: ReadonlyMap<string, string>;
  /** Of one that is shown alone and still kept: beside our statement, with nothing hidden. */
  readonly reconciliation: Reconciliation | null;
}

/** A page of claims, the latest first, without what they come to. */
export async function listClaims(
  tools: Tools,
  asked: {
    partner?: string | undefined;
    status?: string | undefined;
    limit: number;
    cursor?: string | undefined;
  },
): Promise<{ claims: ShownClaim[]; next: string | null }> {
  const { db, settings } = tools;
  const { partner, status, limit } = asked;
  const partnerId = partner === undefined ? undefined : (await partnerNamed(tools, partner)).id;
  const context = ['claims', partner ?? '', status ?? ''];
  const key = settings.keys.cursor;
  const position = asked.cursor === undefined ? undefined : openCursor(key, context, asked.cursor);
  if (asked.cursor !== undefined && position === undefined) {
    throw new Refusal(CursorInvalid, CursorInvalid.title, { field: 'cursor' });
  }
  const kept: Claim[] = [];
  let after = position as ClaimId | undefined;
  for (;;) {
    const found = await findClaims(db, { partnerId, after, limit: limit + 1 });
    kept.push(...found.filter((one) => status === undefined || statusOf(one) === status));
    after = found.at(-1)?.id;
    if (kept.length > limit || found.length <= limit) break;
  }
  const last = kept.length > limit ? kept[limit - 1] : undefined;
  const partners = new Map((await findPartners(db)).map((one) => [one.id, one]));
  const names = await namesOfStaff(tools);
  const claims = kept.slice(0, limit).map((claim) => {
    const { key: partnerKey = '', name: partnerName = '' } = partners.get(claim.partnerId) ?? {};
    return { claim, partnerKey, partnerName, names, reconciliation: null };
  });
  return { claims, next: last ? sealCursor(key, context, last.id) : null };
}

/** One claim beside our statement, as finance sees it: nothing is hidden. */
export async function showClaim(
  tools: Tools,
  named: { key: string; id: string },
): Promise<ShownClaim> {
  const { partner, partnerId, id } = await claimNamed(tools, named);
  const claim = await findClaim(tools.db, { partnerId, id });
  if (!claim) throw new Refusal(UnknownClaim);
  const reconciliation = claim.content
    ? await compareClaim(tools, { claim, decision: null })
    : null;
  const names = await namesOfStaff(tools);
  return { claim, partnerKey: partner.key, partnerName: partner.name, names, reconciliation };
}

/** Which claim is meant, by our id or by the id that its partner reads. */
export async function claimNamed(
  tools: Tools,
  { key, id }: { key: string; id: string },
): Promise<{ partner: Partner; partnerId: Partner['id']; id: ClaimId }> {
  const partner = await partnerNamed(tools, key);
  const isOurs = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
  const uuid = isOurs ? id : pairwiseOf(tools.settings.keys.pairwise, partner.id).uuidOf('claim', id); // prettier-ignore
  if (uuid === undefined) throw new Refusal(UnknownClaim);
  return { partner, partnerId: partner.id, id: uuid as ClaimId };
}

export async function partnerNamed({ db }: Tools, key: string): Promise<Partner> {
  const partner = await findPartnerByKey(db, key);
  if (!partner) throw new Refusal(UnknownPartner);
  return partner;
}

async function namesOfStaff({ db }: Tools): Promise<Map<string, string>> {
  return new Map((await findAllStaff(db)).map(({ id, name }) => [id, name]));
}
