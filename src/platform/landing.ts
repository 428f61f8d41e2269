import type { SettingValues } from './settings-schema.ts';

/** Where links may lead, and who is sent their cookie. */
export interface LandingSettings {
  /** Origins of the operator's own pages; none: no link is served. */
  readonly landingOrigins: readonly string[];
  /** Where a link leads that is not in force; undefined: it is not found. */
  readonly landingDefault: string | undefined;
  /** Whose hosts get the cookie; undefined: the gateway's own host alone. */
  readonly cookieDomain: string | undefined;
}

const longestAddress = 2000;

/**
 * The address as browsers read it, where that is https and one of these origins; undefined otherwise.
 * It must begin with the very origin, and two readings of it must agree: what one reader takes for a
 * host and another for a path, a name or a password never passes.
 */
export function allowedAddress(text: string, origins: readonly string[]): string | undefined {
  if (text.length > longestAddress || !/^[\x21-\x7e]+$/.test(text) || text.includes('\\')) {
    return undefined;
  }
  const origin = origins.find(
    (one) => text.startsWith(one) && /^([/?#]|$)/.test(text.slice(one.length)),
  );
  if (origin === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain = url.protocol === 'https:' && url.username === '' && url.password === '';
  return isPlain && url.origin === origin ? url.href : undefined;
}

/** Reads them; adds a sentence to `problems` for each that is wrong. */
export function readLanding(
  values: SettingValues,
  origin: string,
  problems: string[],
): LandingSettings {
  const text = (name: string) => (values[name] === undefined ? undefined : String(values[name]));
  const landingOrigins = (text('SLUICE_LANDING_ORIGINS') ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  if (!landingOrigins.every(isHttpsOrigin)) {
    problems.push(
      'SLUICE_LANDING_ORIGINS must be https origins as browsers write them, parted by commas: no path, no slash at the end, lower case, no default port.',
    );
  }
  const landingDefault = text('SLUICE_LANDING_DEFAULT');
  if (
    landingDefault !== undefined &&
    allowedAddress(landingDefault, landingOrigins) === undefined
  ) {
    problems.push('SLUICE_LANDING_DEFAULT must be an address of one of SLUICE_LANDING_ORIGINS.');
  }
  const cookieDomain = text('SLUICE_COOKIE_DOMAIN');
  if (cookieDomain !== undefined && !isDomainOf(cookieDomain, origin)) {
    problems.push(
      'SLUICE_COOKIE_DOMAIN must be the host of SLUICE_ORIGIN or a domain above it, such as example.com, and no address.',
    );
  }
  return { landingOrigins, landingDefault, cookieDomain };
}

function isHttpsOrigin(text: string): boolean {
  return text.startsWith('https:') && URL.canParse(text) && new URL(text).origin === text;
}

/** A browser drops a cookie whose domain is another, or has no dot in it. */
function isDomainOf(domain: string, origin: string): boolean {
  if (!/^[a-z0-9-]+([.][a-z0-9-]+)+$/.test(domain) || /[.][0-9]+$/.test(domain)) return false;
  const host = URL.canParse(origin) ? new URL(origin).hostname : '';
  return host === domain || host.endsWith(`.${domain}`);
}
