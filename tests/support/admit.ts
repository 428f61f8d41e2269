import type { PartnerId } from '../../src/partners/index.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { acceptTerms, findTermsVersions, publishTerms } from '../../src/terms/index.ts';

/** Who accepted an agreement for each side. */
export const acceptances = {
  operator: { by: 'Ada Byron', evidence: 'contract of 2019' },
  partner: { by: 'Bo Bright', evidence: 'contract of 2019' },
} as const;

/** Lets an invited partner in: terms of service are in force, and it has accepted them. */
export async function admit(tools: Tools, partnerId: PartnerId): Promise<void> {
  if ((await findTermsVersions(tools.db)).length === 0) {
    const document = 'Whoever is let in keeps to the privacy policy.';
    await publishTerms(tools, { version: '2019-1', document, actor: 'test' });
  }
  await acceptTerms(tools, { partnerId, by: 'Bo Bright', evidence: 'signed', actor: 'test' });
}
