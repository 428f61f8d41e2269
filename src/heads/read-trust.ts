import { readFile } from 'node:fs/promises';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import type { Settings } from '../platform/settings.ts';
import { parsePolicy, type TrustPolicy } from '../verification/index.ts';

export const TrustPolicyWrong: RefusalKind = {
  code: 'trust-policy-wrong',
  status: 503,
  title: 'The trust policy of SLUICE_TRUST_POLICY can’t be used.',
};

/** Read once for each file. */
const policies = new Map<string, TrustPolicy>();

/**
 * The witnesses of the head log and their quorum; undefined where none are set. Throws Refusal
 * `trust-policy-wrong` for a file that can't be read or is no trust policy, with the line.
 */
export async function readTrust({
  trustPolicyFile: file,
}: Pick<Settings, 'trustPolicyFile'>): Promise<TrustPolicy | undefined> {
  if (file === undefined) return undefined;
  const known = policies.get(file);
  if (known) return known;
  const read = await parsePolicy(await bytesOf(file));
  if (!read.parsed) {
    throw new Refusal(TrustPolicyWrong, `${file}, line ${String(read.line)}: ${read.because}.`);
  }
  policies.set(file, read.policy);
  return read.policy;
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch {
    throw new Refusal(TrustPolicyWrong, `${file} can’t be read.`);
  }
}
