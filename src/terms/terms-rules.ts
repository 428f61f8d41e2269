import type { TermsVersion } from './terms.ts';

/** The version in force at a moment; undefined before the first. */
export function termsInForce<Version extends Pick<TermsVersion, 'effectiveAt'>>(
  versions: readonly Version[],
  now: Date,
): Version | undefined {
  return versions
    .filter(({ effectiveAt }) => effectiveAt <= now)
    .reduce<Version | undefined>(
      (last, one) => (last && last.effectiveAt > one.effectiveAt ? last : one),
      undefined,
    );
}
