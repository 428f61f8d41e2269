import { createHash } from 'node:crypto';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findTermsVersions, insertTermsVersion } from './terms-store.ts';
import { InvalidTerms, type TermsVersion } from './terms.ts';

/**
 * Publishes the next version of the terms of service, in force from a moment on: now where nothing is
 * said, never before, and after every version published so far. From then on no partner gets a token
 * before its acceptance is recorded (P04). Throws Refusal `invalid-terms`.
 */
export async function publishTerms(
  { db, clock }: Tools,
  {
    version,
    document,
    effectiveAt,
    actor,
  }: { version: string; document: string; effectiveAt?: Date | undefined; actor: string },
): Promise<TermsVersion> {
  const now = clock.now();
  const begins = effectiveAt ?? now;
  if (!/^[a-z0-9][a-z0-9.-]{0,39}$/.test(version)) {
    refuse('version', 'A version is 1 to 40 lower case letters, digits, dots and hyphens.');
  }
  const isText = /\S/.test(document) && document.length <= 200_000 && document.isWellFormed();
  if (!isText || document.includes('\0')) {
    refuse('document', 'The terms are a text of 1 to 200,000 characters.');
  }
  if (begins < now) refuse('effectiveAt', 'Terms take effect now or later, never in the past.');
  const digest = createHash('sha256').update(document).digest('hex');
  const one = { version, document, digest, effectiveAt: begins, publishedAt: now, actor };
  await inTransaction(db, async (tx) => {
    const last = (await findTermsVersions(tx)).at(-1);
    if (last && begins <= last.effectiveAt) {
      const since = last.effectiveAt.toISOString();
      refuse(
        'effectiveAt',
        `Version ${last.version} takes effect at ${since}; the next one later.`,
      );
    }
    if (!(await insertTermsVersion(tx, one))) {
      refuse('version', 'There is a version of this name or moment already.');
    }
  });
  return one;
}

function refuse(field: string, detail: string): never {
  throw new Refusal(InvalidTerms, detail, { field });
}
