import { setTimeout as after } from 'node:timers/promises';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Database } from '../platform/database.ts';
import { isLoopback } from '../platform/networks.ts';
import type { Tools } from '../platform/tools.ts';

/** Failures that one network may have within the time, before it is answered slowly. */
const mostFailures = 60;
const withinSeconds = 600;
/** How long a failure beyond them waits for its answer, and how many may wait at once. */
const waitMs = 1000;
const mostWaiting = 100;

interface Throttle {
  readonly failures: RateLimiterMemory;
  waiting: number;
}

/** One for each gateway of a process: an attack makes nobody write to the database. */
const throttles = new WeakMap<Database, Throttle>();

/**
 * Takes note that somebody failed to prove its client. Undefined while that may happen; beyond, it waits
 * a while and answers after how many seconds to try again. Only who failed is ever kept waiting: whoever
 * proves its client is not asked for it, from the same network or another, so nobody is locked out. Who
 * is on the machine itself is never slowed down.
 */
export async function noteFailure(
  { db, log }: Pick<Tools, 'db' | 'log'>,
  address: string,
): Promise<{ readonly retryAfterSeconds: number } | undefined> {
  if (isLoopback(address)) return undefined;
  const throttle = throttleOf(db);
  const network = networkOf(address);
  const counted = await throttle.failures.consume(network).catch((result: unknown) => {
    if (result instanceof RateLimiterRes) return result;
    throw result;
  });
  if (counted.consumedPoints <= mostFailures) return undefined;
  if (counted.consumedPoints === mostFailures + 1) {
    log.warn({ network, withinSeconds }, 'failed client authentications are slowed down');
  }
  if (throttle.waiting < mostWaiting) {
    throttle.waiting += 1;
    await after(waitMs);
    throttle.waiting -= 1;
  }
  return { retryAfterSeconds: Math.ceil(counted.msBeforeNext / 1000) };
}

function throttleOf(db: Database): Throttle {
  const known = throttles.get(db);
  if (known) return known;
  const failures = new RateLimiterMemory({ points: mostFailures, duration: withinSeconds });
  const throttle = { failures, waiting: 0 };
  throttles.set(db, throttle);
  return throttle;
}

/** An IPv4 address, or the half of an IPv6 one that its owner cannot choose (RFC 4291, section 2.5.4). */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${parsed.toNormalizedString().split(':').slice(0, 4).join(':')}::/64`;
}
