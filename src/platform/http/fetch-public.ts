import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { request } from 'node:https';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What is fetched must be this; a test has servers and names of its own. */
export interface FetchLimits {
  /** Bytes of the body at most. */
  readonly most: number;
  /** Seconds that all of it may take. */
  readonly seconds: number;
  readonly lookup?: Resolve;
  /** Whether an address may be connected to; public ones where nothing is said. */
  readonly isAllowed?: (address: string) => boolean;
  /** Whom to trust in place of the usual authorities (PEM). */
  readonly ca?: string;
}

type Resolve = (
  host: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** Why nothing was fetched: one sentence for the operator. */
export class FetchRefused extends Error {
  override readonly name = 'FetchRefused';
}

/**
 * The body at an https URL that somebody else named. It connects to public addresses alone, looked at
 * as the connection is made, so that no name leads inside; it follows no redirect, takes 200 alone, and
 * sends nothing of ours. Throws FetchRefused.
 */
export async function fetchPublic(url: string, limits: FetchLimits): Promise<Buffer> {
  const { most, seconds, ca, isAllowed = isPublicAddress } = limits;
  const target = targetOf(url, isAllowed);
  return new Promise((resolve, reject) => {
    const refuse = (because: string) => {
      asked.destroy();
      reject(new FetchRefused(because));
    };
    const asked = request(
      target,
      { agent: false, ...(ca !== undefined && { ca }), headers: { Accept: 'application/json' }, lookup: vetted(limits) }, // prettier-ignore
      (answer) => {
        if (answer.statusCode !== 200) {
          refuse(`It answered ${String(answer.statusCode)}, not 200.`);
          return;
        }
        const parts: Buffer[] = [];
        let size = 0;
        answer.on('data', (part: Buffer) => {
          size += part.length;
          if (size > most) refuse(`It has more than ${String(most)} bytes.`);
          else parts.push(part);
        });
        answer.once('end', () => {
          clearTimeout(timer);
          resolve(Buffer.concat(parts));
        });
        answer.once('error', () => {
          refuse('It broke off.');
        });
      },
    );
    const timer = setTimeout(() => {
      refuse(`It took longer than ${String(seconds)} s.`);
    }, seconds * 1000);
    asked.once('error', (error) => {
      clearTimeout(timer);
      const isOurs = error instanceof FetchRefused;
      reject(isOurs ? error : new FetchRefused(`It can't be reached: ${error.message}.`));
    });
    asked.once('close', () => {
      clearTimeout(timer);
    });
    asked.end();
  });
}

/** Whether an address is of the public internet: no loopback, private, link-local or reserved one. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

function targetOf(url: string, isAllowed: (address: string) => boolean): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target?.protocol !== 'https:') throw new FetchRefused('It must be an https URL.');
  if (target.username !== '' || target.password !== '' || target.hash !== '') {
    throw new FetchRefused('It must have neither credentials nor a fragment.');
  }
  const host = target.hostname.replace(/^\[|\]$/g, '');
  // An address is connected to without being looked up.
  if (isIP(host) !== 0 && !isAllowed(host)) throw new FetchRefused(notPublic);
  return target;
}

const notPublic = 'It is not at a public address.';

/** A look-up that gives an address only where every one of the name's may be connected to. */
function vetted({ lookup, isAllowed = isPublicAddress }: FetchLimits) {
  const resolve: Resolve =
    lookup ??
    ((host, done) => {
      systemLookup(host, { all: true }, done);
    });
  return (
    host: string,
    options: { all?: boolean | undefined },
    done: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    resolve(host, (error, addresses) => {
      const [first] = addresses;
      if (error || !first) done(error ?? new FetchRefused('Its name has no address.'), '');
      else if (!addresses.every(({ address }) => isAllowed(address))) {
        done(new FetchRefused(notPublic), '');
      } else if (options.all) done(null, [...addresses]);
      else done(null, first.address, first.family);
    });
  };
}
