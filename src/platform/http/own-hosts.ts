import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { addressOf, isLoopback } from '../networks.ts';

/**
 * Who asks for the health (an orchestrator) knows an address alone; and where a client finds its way
 * says the same to everybody, whoever it was taken for.
 */
const asksAnyHost = /^\/(healthz|readyz|\.well-known\/[a-z-]+)$/;

interface Places {
  readonly origin: string;
  readonly mtlsPort: number | undefined;
}

/** Where clients are asked for a certificate (RFC 8705, section 5); undefined where nowhere. */
export function mtlsOrigin({ origin, mtlsPort }: Places): string | undefined {
  if (mtlsPort === undefined) return undefined;
  return new URL(`https://${new URL(origin).hostname}:${String(mtlsPort)}`).origin;
}

/** By which URLs a path of this service is asked for, on either port. */
export function urlsOf(
  places: Places,
  path: string,
): { readonly url: string; readonly mtlsUrl: string | undefined } {
  const other = mtlsOrigin(places);
  return {
    url: `${places.origin}${path}`,
    mtlsUrl: other === undefined ? undefined : `${other}${path}`,
  };
}

/**
 * Whether the Host of a request is this service's: that of its origin, on either port, and on
 * loopback the address that is listened on. A page that a browser was led to by a name of somebody
 * else's (DNS rebinding) is not, nor what a proxy sends to the wrong place.
 */
export function ownHosts({ origin, mtlsPort }: Places): (request: IncomingMessage) => boolean {
  const { protocol, hostname, host, port } = new URL(origin);
  const hosts = new Set([host]);
  if (port === '') hosts.add(`${hostname}:${protocol === 'https:' ? '443' : '80'}`);
  if (mtlsPort !== undefined) hosts.add(`${hostname}:${String(mtlsPort)}`);
  return ({ headers, socket, url = '' }) => {
    const given = headers.host?.toLowerCase() ?? '';
    if (hosts.has(given)) return true;
    const { localAddress = '', localPort = 0 } = socket;
    if (isLoopback(addressOf(localAddress) ?? '') && isListenedOn(given, socket, localPort)) {
      return true;
    }
    const [path = ''] = url.split('?');
    return asksAnyHost.test(path);
  };
}

const here = ['127.0.0.1', '[::1]', 'localhost'];

function isListenedOn(host: string, socket: unknown, port: number): boolean {
  const usual = socket instanceof TLSSocket ? 443 : 80;
  return here.some((one) => host === `${one}:${String(port)}` || (port === usual && host === one));
}
