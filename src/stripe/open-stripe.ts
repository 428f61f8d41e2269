import { readFileSync } from 'node:fs';
import { Refusal } from '../platform/refusal.ts';
import { allProblemsOf } from '../platform/schemas.ts';
import type { Settings } from '../platform/settings.ts';
import { readStrictJson } from '../platform/strict-json.ts';
import { StripeSetUpWrong, type Stripe, type StripeMapping } from './stripe.ts';

const opened = new WeakMap<object, Stripe | undefined>();

/**
 * The mapping and the signing secrets of an installation, read once; undefined where it has none.
 * Throws one Refusal that names everything that is wrong, and no secret.
 */
export function openStripe(settings: Pick<Settings, 'stripe'>): Stripe | undefined {
  if (!opened.has(settings)) opened.set(settings, readStripe(settings));
  return opened.get(settings);
}

function readStripe({ stripe }: Pick<Settings, 'stripe'>): Stripe | undefined {
  if (stripe === undefined) return undefined;
  const problems: string[] = [];
  const secrets = readSecrets(stripe, problems);
  const mapping = readMapping(stripe.mappingFile, problems);
  if (mapping === undefined || problems.length > 0) {
    throw new Refusal(StripeSetUpWrong, problems.join('\n'));
  }
  return { mapping, secrets };
}

function readSecrets(
  { secrets, secretsFile }: NonNullable<Settings['stripe']>,
  problems: string[],
): readonly string[] {
  const text = secretsFile === undefined ? '' : (readText(secretsFile, problems) ?? '');
  const all = [...secrets, ...text.split('\n')].map((line) => line.trim()).filter(Boolean);
  if (!all.every((secret) => /^whsec_[\x21-\x7e]{16,250}$/.test(secret))) {
    problems.push(
      'A signing secret of Stripe’s begins with whsec_ and stands on a line of its own.',
    );
  } else if (all.length === 0) problems.push('There is no signing secret of Stripe’s.');
  return all;
}

function readMapping(file: string, problems: string[]): StripeMapping | undefined {
  const text = readText(file, problems);
  if (text === undefined) return undefined;
  try {
    const mapping = readStrictJson(Buffer.from(text), { maxBytes: 1_000_000 });
    const found = allProblemsOf('stripe/mapping', mapping);
    problems.push(...found.map(({ detail }) => `${file}: ${detail}`));
    return mapping as StripeMapping;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    problems.push(`${file}: ${error.message}`);
    return undefined;
  }
}

function readText(file: string, problems: string[]): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    problems.push(`The file ${file} cannot be read.`);
    return undefined;
  }
}
