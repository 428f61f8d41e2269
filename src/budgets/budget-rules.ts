import { localDay, startOfLocalDay } from '../platform/local-days.ts';
import type { Budget, LimitName } from './budget.ts';

/** A day or a month of the operator's calendar. */
export interface Window {
  /** YYYY-MM-DD or YYYY-MM. */
  readonly name: string;
  readonly endsAt: Date;
  /** Its whole length: a day has 23 or 25 hours where the clock is put forward or back. */
  readonly seconds: number;
}

/** The window of a limit that runs at `now` in the operator's time zone. */
export function windowOf(limit: LimitName, now: Date, timeZone: string): Window {
  const today = localDay(now, timeZone);
  const isDay = limit.endsWith('-day');
  const first = isDay ? today : `${today.slice(0, 7)}-01`;
  const next = isDay ? dayAfter(today) : `${dayAfter(`${today.slice(0, 7)}-28`, 4).slice(0, 7)}-01`;
  const endsAt = startOfLocalDay(next, timeZone);
  const seconds = (endsAt.getTime() - startOfLocalDay(first, timeZone).getTime()) / 1000;
  return { name: isDay ? today : today.slice(0, 7), endsAt, seconds: Math.round(seconds) };
}

function dayAfter(day: string, days = 1): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

export function leftOf({ limit, used }: Budget): number {
  return Math.max(0, limit - used);
}

export function secondsLeft({ endsAt }: Budget, now: Date): number {
  return Math.max(1, Math.ceil((endsAt.getTime() - now.getTime()) / 1000));
}

/** The fields of draft-ietf-httpapi-ratelimit-headers-10: names, quotas and windows are ours, in ASCII. */
export function rateLimitFields(
  budgets: readonly Budget[],
  now: Date,
): Readonly<Record<string, string>> {
  const policies = budgets.map(({ name, limit, windowSeconds }) => {
    const unit = name.startsWith('records') ? ';qu="records"' : '';
    return `"${name}";q=${String(limit)}${unit};w=${String(windowSeconds)}`;
  });
  const states = budgets.map(
    (budget) =>
      `"${budget.name}";r=${String(leftOf(budget))};t=${String(secondsLeft(budget, now))}`,
  );
  return { 'RateLimit-Policy': policies.join(', '), RateLimit: states.join(', ') };
}
