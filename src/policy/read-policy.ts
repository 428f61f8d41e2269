import { readFileSync } from 'node:fs';
import type { Policy } from './policy.ts';

const inForce = JSON.parse(
  readFileSync(new URL('../../schemas/policy/2026-1.json', import.meta.url), 'utf8'),
) as Policy;

/** The version of the privacy policy that is in force. */
export function readPolicy(): Policy {
  return inForce;
}
