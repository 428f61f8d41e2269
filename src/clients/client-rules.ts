import { timingSafeEqual } from 'node:crypto';
import { isListed, networkList } from '../platform/networks.ts';

/**
 * The client id and secret of a Basic header (RFC 6749, section 2.3.1: both form-encoded inside it).
 * Undefined where it is anything else.
 */
export function readBasic(
  header: string | undefined,
): { clientId: string; secret: string } | undefined {
  const [, coded] = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '') ?? [];
  if (coded === undefined || coded.length > 4096) return undefined;
  const bytes = Buffer.from(coded, 'base64');
  if (bytes.toString('base64') !== coded) return undefined;
  const text = bytes.toString('latin1');
  const colonAt = text.indexOf(':');
  if (colonAt < 0) return undefined;
  const clientId = formDecoded(text.slice(0, colonAt));
  const secret = formDecoded(text.slice(colonAt + 1));
  return clientId === undefined || secret === undefined ? undefined : { clientId, secret };
}

/** Whether a secret's hash is one of the live ones. The work does not depend on the answer. */
export function isOneOf(hash: Buffer, live: readonly Buffer[]): boolean {
  const nobody = Buffer.alloc(hash.length);
  // Two at most stand side by side; an unknown client is compared as often as a known one.
  const [first = nobody, second = nobody] = live;
  const matches = [timingSafeEqual(hash, first), timingSafeEqual(hash, second)];
  return matches.includes(true);
}

/** Whether a client is served from an address: one of its networks has it, or it has none (null). */
export function isServedFrom(networks: readonly string[] | null, address: string): boolean {
  return networks === null || isListed(networkList(networks), address);
}

/** Printable ASCII only: what is neither an id nor a secret of ours never reaches the database. */
function formDecoded(text: string): string | undefined {
  try {
    const plain = decodeURIComponent(text.replaceAll('+', ' '));
    return /^[\x21-\x7e]{1,200}$/.test(plain) ? plain : undefined;
  } catch {
    return undefined;
  }
}

/** Keys are fetched again after an hour, and for one that is not known at once; never within a minute. */
const freshMs = 3_600_000;
export const againMs = 60_000;
/** Keys that were fetched count for a day where their host can't be reached; then for nothing. */
const lastMs = 24 * 3_600_000;

/** When the keys of a client were last fetched; null: it has no URL. */
export interface Fetched {
  readonly jwksUri: string | null;
  readonly keysFetchedAt: Date | null;
}

const ageOf = ({ keysFetchedAt }: Fetched, now: Date): number =>
  keysFetchedAt === null ? Infinity : Math.abs(now.getTime() - keysFetchedAt.getTime());

/** Whether a client's keys are to be fetched before one of them is relied on. */
export function isToBeFetched(fetched: Fetched, now: Date, isKnown: boolean): boolean {
  return fetched.jwksUri !== null && (!isKnown || ageOf(fetched, now) > freshMs);
}

/** Whether the keys that a client has still count. */
export function areStillGood(fetched: Fetched, now: Date): boolean {
  return fetched.jwksUri === null || ageOf(fetched, now) <= lastMs;
}
