import { readFileSync } from 'node:fs';
import type { Policy } from '../../src/policy/index.ts';

/** The policy that an installation begins with. */
export const firstPolicy = JSON.parse(readFileSync('schemas/policy/2026-1.json', 'utf8')) as Policy;
