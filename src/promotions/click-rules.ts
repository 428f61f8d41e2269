import { uuidBytes, uuidText } from '../platform/uuid.ts';
import type { PromotionId } from './promotion.ts';

/** When a promotion was clicked in a session: at first and at last. */
export interface Click {
  readonly promotionId: PromotionId;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** What a session's cookie holds: who it leads back to, and nothing of who the visitor is. */
export interface Clicks {
  readonly clicks: readonly Click[];
  /** More promotions were clicked than it has room for. */
  readonly isCut: boolean;
}

const mostClicks = 8;
const clickBytes = 16 + 6 + 6;
const version = 1;
/** Always so many, whatever they hold: the length of a cookie tells nothing. */
const size = 3 + mostClicks * clickBytes;

export const noClicks: Clicks = { clicks: [], isCut: false };

/**
 * The session with one more click. Where there is no room for a further promotion the first ones
 * stay and it is marked, so that nobody pushes another's click out unseen.
 */
export function withClick({ clicks, isCut }: Clicks, promotionId: PromotionId, at: Date): Clicks {
  const known = clicks.find((one) => one.promotionId === promotionId);
  if (known) {
    const next = { ...known, lastAt: at > known.lastAt ? at : known.lastAt };
    return { clicks: clicks.map((one) => (one === known ? next : one)), isCut };
  }
  if (clicks.length === mostClicks) return { clicks, isCut: true };
  return { clicks: [...clicks, { promotionId, firstAt: at, lastAt: at }], isCut };
}

/** The clicks as bytes: version, mark, count, then id and both instants of each; the rest is zero. */
export function bytesOfClicks({ clicks, isCut }: Clicks): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.set([version, Number(isCut), clicks.length]);
  for (const [index, { promotionId, firstAt, lastAt }] of clicks.entries()) {
    const start = 3 + index * clickBytes;
    bytes.set(uuidBytes(promotionId), start);
    bytes.writeUIntBE(firstAt.getTime(), start + 16, 6);
    bytes.writeUIntBE(lastAt.getTime(), start + 22, 6);
  }
  return bytes;
}

/** Reads them; undefined where they are of another form. */
export function clicksOfBytes(bytes: Buffer): Clicks | undefined {
  if (bytes.length !== size || bytes.readUInt8(0) !== version) return undefined;
  const count = bytes.readUInt8(2);
  if (count > mostClicks) return undefined;
  const clicks = Array.from({ length: count }, (_, index) => {
    const start = 3 + index * clickBytes;
    return {
      promotionId: uuidText(bytes.subarray(start, start + 16)) as PromotionId,
      firstAt: new Date(bytes.readUIntBE(start + 16, 6)),
      lastAt: new Date(bytes.readUIntBE(start + 22, 6)),
    };
  });
  return { clicks, isCut: bytes.readUInt8(1) === 1 };
}
