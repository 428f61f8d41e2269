import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { ownSchemas } from './own-schemas.ts';

/** One setting as schemas/settings.json describes it. */
export interface SettingDescription {
  readonly description: string;
  readonly type?: 'string' | 'integer';
  readonly enum?: readonly string[];
  readonly default?: string | number;
  /** The unit. */
  readonly $comment?: string;
  /** A secret. */
  readonly writeOnly?: boolean;
}

interface SettingsSchema {
  readonly properties: Readonly<Record<string, SettingDescription>>;
}

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/settings.json', import.meta.url), 'utf8'),
) as SettingsSchema;
const check = new Ajv2020({ ...ownSchemas, allErrors: true }).compile(schema);

/** Every setting there is, by the name of its environment variable. */
export const settingDescriptions = schema.properties;

export type SettingValues = Readonly<Record<string, string | number | undefined>>;

/** Reads the values with their defaults; adds a sentence to `problems` for each one that is wrong. */
export function readValues(
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): SettingValues {
  const values: Record<string, string | number> = {};
  for (const [name, description] of Object.entries(schema.properties)) {
    const text = environment[name];
    // An empty variable is one that is not set: compose files can't leave one out.
    if (text !== undefined && text !== '') values[name] = valueOf(text, description);
    else if (description.default !== undefined) values[name] = description.default;
  }
  if (!check(values)) problems.push(...(check.errors ?? []).map(sentenceOf));
  for (const name of Object.keys(environment)) {
    if (name.startsWith('SLUICE_') && !(name in schema.properties)) {
      problems.push(`${name} is not a setting.`);
    }
  }
  return values;
}

function valueOf(text: string, description: SettingDescription): string | number {
  return description.type === 'integer' && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Names the setting and the rule, never the value: it may be a secret. */
function sentenceOf({ instancePath, keyword, params, message = 'is wrong' }: ErrorObject): string {
  const name = instancePath.slice(1);
  if (name.startsWith('DATABASE_') && keyword === 'pattern') {
    return `${name} must be a URL: postgres://login:password@host:port/database.`;
  }
  if (keyword === 'enum') {
    const { allowedValues } = params as { allowedValues: string[] };
    return `${name} must be one of ${allowedValues.join(', ')}.`;
  }
  return `${name} ${message}.`;
}
