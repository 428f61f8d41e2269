import { hkdfSync } from 'node:crypto';
import type { Settings } from '../platform/settings.ts';

/** The key of click cookies: that of this deployment at this origin, and of no copy elsewhere. */
export function cookieKeyOf({ keys, origin }: Pick<Settings, 'keys' | 'origin'>): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', keys.cursor, '', `sluice click cookie ${origin}`, 32));
}
