import { join, resolve } from 'node:path';
import { readLanding, type LandingSettings } from './landing.ts';
import { makeKeys, readKeys, type Keys } from './keys.ts';
import type { Randomness } from './randomness.ts';
import { readValues, type SettingValues } from './settings-schema.ts';
import { readTransport, type TransportSettings } from './transport-settings.ts';

export type { Keys };

/** Checked once at start from schemas/settings.json; frozen afterwards. */
export interface Settings extends TransportSettings, LandingSettings {
  /** Where the gateway is reached: origin of tokens' issuer and of log names, without a slash at the end. */
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Folder of the entries that are no longer in the database. */
  readonly logArchive: string | undefined;
  /** Folder of record types that the operator declares, beside those Sluice has. */
  readonly recordTypesDir: string | undefined;
  /** IANA zone in which a day begins and ends for the operator. */
  readonly timeZone: string;
  /** ISO 3166-1 alpha-2: whose working days count in notices. */
  readonly country: string;
  /** The operator's name and address, line by line; undefined: the origin stands for it. */
  readonly letterhead: readonly string[] | undefined;
  /** The account that partners are paid from; undefined: no pain.001 is written. */
  readonly payer: Payer | undefined;
  /** Working days of a notice where the announcement says nothing else; 10 at the least. */
  readonly noticeDays: number;
  /** How long a partner's claim is kept as it came. */
  readonly claimKeptDays: number;
  /** By how many minor units a claim may differ and still match. */
  readonly claimToleranceMinor: bigint;
  /** Up to which difference, in minor units, one person accepts a claim alone. */
  readonly claimAloneMinor: bigint;
  readonly tokenLifetimeSeconds: number;
  /** How often the head log gets its entry. */
  readonly beatSeconds: number;
  /** File with the witnesses of the head log and their quorum. */
  readonly trustPolicyFile: string | undefined;
  /** Where the events of Stripe are taken: how they become records, and the secrets that sign them. */
  readonly stripe:
    | {
        readonly mappingFile: string;
        /** Secrets. */
        readonly secrets: readonly string[];
        readonly secretsFile: string | undefined;
      }
    | undefined;
  /** Personal key of who runs a command. A secret. */
  readonly staffKey: string | undefined;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';
  readonly keys: Keys;
}

/** Whose account partners are paid from. */
export interface Payer {
  readonly name: string;
  readonly iban: string;
  readonly bic: string | undefined;
}

/** Where the roles log in. All undefined: the embedded database. */
export interface Connections {
  readonly app: string | undefined;
  readonly reader: string | undefined;
  readonly migrator: string | undefined;
}

/** Everything that the environment says, before a key is read or made. */
export interface Installation {
  readonly settings: Omit<Settings, 'keys'>;
  readonly connections: Connections;
  /** A folder that must hold the keys; undefined: `keys` in the data folder, made on first start. */
  readonly keysDir: string | undefined;
  /** XDG_STATE_HOME: where the embedded database goes if the data folder can't hold it. */
  readonly stateHome: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings are wrong: one sentence for each problem, none with a value. */
export class SettingsRefused extends Error {
  override readonly name = 'SettingsRefused';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Reads the environment, this process's own unless one is given; throws all problems at once. */
export function readInstallation(environment: Environment = process.env): Installation {
  const problems: string[] = [];
  const installation = installationOf(environment, problems);
  if (problems.length > 0) throw new SettingsRefused(problems);
  return installation;
}

/**
 * Reads the environment (see readInstallation) and the keys, which are made on first start; throws
 * all problems at once.
 * The settings are frozen.
 */
export function readSettings(
  random: Randomness,
  environment: Environment = process.env,
): Installation & { readonly settings: Settings } {
  const problems: string[] = [];
  const installation = installationOf(environment, problems);
  const folder = installation.keysDir ?? join(installation.settings.dataDir, 'keys');
  // Nothing is made while something is wrong.
  if (problems.length === 0 && installation.keysDir === undefined) {
    tryToMakeKeys(folder, random, problems);
  }
  const isFirstStart = installation.keysDir === undefined && problems.length > 0;
  const keys = isFirstStart ? undefined : readKeys(folder, problems);
  if (keys === undefined || problems.length > 0) throw new SettingsRefused(problems);
  return { ...installation, settings: Object.freeze({ ...installation.settings, keys }) };
}

function tryToMakeKeys(folder: string, random: Randomness, problems: string[]): void {
  try {
    makeKeys(folder, random);
  } catch {
    problems.push(
      `The keys can't be made in ${folder}: give a SLUICE_DATA_DIR that can be written.`,
    );
  }
}

function installationOf(environment: Environment, problems: string[]): Installation {
  const values = readValues(environment, problems);
  const text = (name: string) => optionalText(values, name);
  const transport = readTransport(values, problems);
  const origin = originOf(values, transport.tls !== undefined, problems);
  const settings = {
    ...transport,
    origin,
    ...readLanding(values, origin, problems),
    host: String(values['HOST']),
    port: Number(values['PORT']),
    dataDir: resolve(String(values['SLUICE_DATA_DIR'])),
    logArchive: text('SLUICE_LOG_ARCHIVE'),
    recordTypesDir: text('SLUICE_RECORD_TYPES'),
    timeZone: String(values['SLUICE_TIME_ZONE']),
    country: String(values['SLUICE_COUNTRY']),
    letterhead: text('SLUICE_LETTERHEAD')
      ?.split(';')
      .map((line) => line.trim()),
    payer: payerOf(text('SLUICE_PAYER')),
    noticeDays: Number(values['SLUICE_NOTICE_DAYS']),
    claimKeptDays: Number(values['SLUICE_CLAIM_KEPT_DAYS']),
    claimToleranceMinor: BigInt(Number(values['SLUICE_CLAIM_TOLERANCE'])),
    claimAloneMinor: BigInt(Number(values['SLUICE_CLAIM_ALONE'])),
    tokenLifetimeSeconds: Number(values['SLUICE_TOKEN_LIFETIME_SECONDS']),
    beatSeconds: Number(values['SLUICE_BEAT_SECONDS']),
    trustPolicyFile: text('SLUICE_TRUST_POLICY'),
    stripe: stripeOf(values, problems),
    staffKey: text('SLUICE_STAFF_KEY'),
    logLevel: values['SLUICE_LOG_LEVEL'] as Settings['logLevel'],
  };
  if (!isTimeZone(settings.timeZone)) {
    problems.push('SLUICE_TIME_ZONE must be an IANA time zone, such as Europe/Berlin.');
  }
  const stateHome = environment['XDG_STATE_HOME'];
  return {
    settings: Object.freeze(settings),
    connections: connectionsOf(values, problems),
    keysDir: text('SLUICE_KEYS_DIR'),
    stateHome: stateHome === '' ? undefined : stateHome,
  };
}

function stripeOf(values: SettingValues, problems: string[]): Settings['stripe'] {
  const mappingFile = optionalText(values, 'SLUICE_STRIPE_MAPPING');
  const given = optionalText(values, 'SLUICE_STRIPE_SECRET');
  const secretsFile = optionalText(values, 'SLUICE_STRIPE_SECRET_FILE');
  const hasSecret = given !== undefined || secretsFile !== undefined;
  if (mappingFile !== undefined && hasSecret) {
    return { mappingFile, secrets: given?.split(',') ?? [], secretsFile };
  }
  if (mappingFile !== undefined) {
    problems.push('SLUICE_STRIPE_MAPPING needs SLUICE_STRIPE_SECRET or SLUICE_STRIPE_SECRET_FILE.');
  } else if (hasSecret) {
    problems.push('A signing secret of Stripe’s is given, but SLUICE_STRIPE_MAPPING is not.');
  }
  return undefined;
}

function connectionsOf(values: SettingValues, problems: string[]): Connections {
  const connections = {
    app: optionalText(values, 'DATABASE_URL'),
    reader: optionalText(values, 'DATABASE_READER_URL'),
    migrator: optionalText(values, 'DATABASE_MIGRATE_URL'),
  };
  if ((connections.app === undefined) !== (connections.reader === undefined)) {
    const [given, missing] =
      connections.app === undefined
        ? ['DATABASE_READER_URL', 'DATABASE_URL']
        : ['DATABASE_URL', 'DATABASE_READER_URL'];
    problems.push(`${given} is given, but ${missing} is not: they go together.`);
  }
  return connections;
}

function payerOf(text: string | undefined): Payer | undefined {
  if (text === undefined) return undefined;
  const [name = '', iban = '', bic] = text.split(';');
  return { name: name.trim(), iban, bic };
}

function originOf(values: SettingValues, hasTls: boolean, problems: string[]): string {
  const given = optionalText(values, 'SLUICE_ORIGIN');
  if (given !== undefined) {
    const isOrigin =
      /^https?:/.test(given) && URL.canParse(given) && new URL(given).origin === given;
    if (!isOrigin) {
      problems.push(
        'SLUICE_ORIGIN must be an http or https URL as browsers write an origin: no path, no slash at the end, lower case, no default port.',
      );
    } else if (hasTls && !given.startsWith('https:')) {
      problems.push('SLUICE_ORIGIN must be https, because the gateway has TLS.');
    }
    return given;
  }
  const host = String(values['HOST']);
  if (host === '0.0.0.0' || host === '::') {
    problems.push('SLUICE_ORIGIN is needed, because HOST is every address of this machine.');
  }
  const authority = `${host.includes(':') ? `[${host}]` : host}:${String(values['PORT'])}`;
  // As browsers write it: without the default port.
  const url = `https://${authority}`;
  return hasTls && URL.canParse(url) ? new URL(url).origin : `http://${authority}`;
}

function optionalText(values: SettingValues, name: string): string | undefined {
  const value = values[name];
  return value === undefined ? undefined : String(value);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    // An offset such as +01:00 is accepted there too, and knows no summer.
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
