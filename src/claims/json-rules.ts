import { Refusal } from '../platform/refusal.ts';
import { problemsOf } from '../platform/schemas.ts';
import { readStrictJson, TooLarge } from '../platform/strict-json.ts';
import { ClaimInvalid, ClaimTooLong, longestClaim, type ClaimedLine } from './claim.ts';
import { claimedLine, linesOrRefuse } from './line-rules.ts';

interface GivenClaim {
  readonly lines: readonly {
    readonly customer?: string | null;
    readonly payment?: string | null;
    readonly amount: number;
  }[];
}

/** The lines of a claim in JSON, its amounts in minor units. Refuses all of it where one line is wrong. */
export function readJsonClaim(bytes: Buffer): ClaimedLine[] {
  const claim = valueIn(bytes);
  const { lines } = claim as Partial<GivenClaim>;
  if (Array.isArray(lines) && lines.length > longestClaim.lines) throw new Refusal(ClaimTooLong);
  const [wrong] = problemsOf('reconciliation/claim.takes', claim);
  if (wrong) {
    const place = /^\/lines\/(\d+)/.exec(wrong.field)?.[1];
    throw new Refusal(ClaimInvalid, wrong.detail, {
      field: wrong.field,
      ...(place !== undefined && { line: Number(place) + 1 }),
    });
  }
  return linesOrRefuse(
    (claim as GivenClaim).lines.map(({ customer = null, payment = null, amount }, place) =>
      claimedLine({ line: place + 1, customer, payment }, BigInt(amount)),
    ),
  );
}

function valueIn(bytes: Buffer): unknown {
  try {
    return readStrictJson(bytes, { maxBytes: longestClaim.bytes });
  } catch (cause) {
    if (!(cause instanceof Refusal) || cause.kind === TooLarge) throw cause;
    const refusal = new Refusal(ClaimInvalid, cause.message, cause.facts);
    refusal.cause = cause;
    throw refusal;
  }
}
