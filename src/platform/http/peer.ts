import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { thumbprintOf } from '../certificates.ts';
import { addressOf, isLoopback } from '../networks.ts';
import { Refusal } from '../refusal.ts';
import { BadRequest } from './kinds.ts';

/** Who is at the other end of a request, as far as the way it came says. */
export interface Peer {
  /** The connection's address, or the one that a trusted proxy tells of. */
  readonly address: string;
  /** Whether nobody on the way could read along: TLS, or this machine alone. */
  readonly isPrivate: boolean;
  /** SHA-256 thumbprint of its certificate, base64url (RFC 8705, section 3); its key was proven. */
  readonly certificate: string | undefined;
}

/** Whose word on a peer counts. */
export interface Trust {
  readonly isProxy: (address: string) => boolean;
  /** Whether the proxies tell the certificate of their client, and never what a client claims. */
  readonly takesClientCert: boolean;
}

const peers = new WeakMap<IncomingMessage, Peer>();

/** The peer of a request that the guard let in: see `rememberPeer`. */
export function peerOf(request: IncomingMessage): Peer {
  const peer = peers.get(request);
  if (!peer) throw new Error('The guard must be the first middleware.');
  return peer;
}

/**
 * Finds the peer of a request: the other end of its connection, unless that is a trusted proxy that
 * forwards. Then the peer is the right-most address of X-Forwarded-For that is no trusted proxy, and
 * the proxy says by X-Forwarded-Proto whether it came by TLS. Nobody else's X-Forwarded-… is looked
 * at. Throws Refusal `bad-request` where a proxy's headers can't be read or tell of no address, and
 * for a Client-Cert (RFC 9440) that is not taken.
 */
export function rememberPeer(request: IncomingMessage, trust: Trust): void {
  const { socket, headers } = request;
  const address = addressOf(socket.remoteAddress?.split('%')[0] ?? '') ?? '';
  const isProxy = trust.isProxy(address);
  const header = request.headers['client-cert'];
  if (header !== undefined && !(isProxy && trust.takesClientCert)) {
    refuse('Client-Cert is taken from no one but a proxy that is named for it');
  }
  const forwarded = headers['x-forwarded-for'];
  const protocol = headers['x-forwarded-proto'];
  const isForwarded = isProxy && (forwarded !== undefined || protocol !== undefined);
  if (isForwarded) {
    // Everybody would be the proxy itself: served from its address, and never slowed down.
    if (forwarded === undefined) refuse('X-Forwarded-Proto comes without X-Forwarded-For');
    const certificate = header === undefined ? undefined : certificateIn(header);
    const from = firstStranger(forwarded, address, trust);
    peers.set(request, { address: from, isPrivate: protocol === 'https', certificate });
    return;
  }
  // A proxy's own certificate is not its client's.
  if (header !== undefined) refuse('Client-Cert comes without X-Forwarded-Proto');
  const isTls = socket instanceof TLSSocket;
  const certificate = isTls && !isProxy ? certificateOf(socket) : undefined;
  peers.set(request, { address, isPrivate: isTls || isLoopback(address), certificate });
}

/** From the right, where the nearest proxy wrote; the left may hold whatever a client claims. */
function firstStranger(forwarded: string | string[], address: string, trust: Trust) {
  let last = address;
  for (const one of String(forwarded).split(',').reverse()) {
    const given = addressOf(one.trim());
    if (given === undefined) return refuse('X-Forwarded-For is not a list of addresses');
    last = given;
    if (!trust.isProxy(given)) break;
  }
  return last;
}

const known = new WeakMap<Socket, string | undefined>();

function certificateOf(socket: TLSSocket): string | undefined {
  if (!known.has(socket)) {
    const certificate = socket.getPeerX509Certificate();
    known.set(socket, certificate && thumbprintOf(certificate));
  }
  return known.get(socket);
}

/** The one certificate of a Client-Cert header: a byte sequence (RFC 8941, section 3.3.5). */
function certificateIn(header: string | string[]): string {
  const [, coded = ''] = /^:([A-Za-z0-9+/]{4,12000}={0,2}):$/.exec(String(header)) ?? [];
  const bytes = Buffer.from(coded, 'base64');
  try {
    const certificate = new X509Certificate(bytes);
    if (certificate.raw.equals(bytes)) return thumbprintOf(certificate);
  } catch {
    // It is none.
  }
  return refuse('Client-Cert is not a certificate');
}

function refuse(what: string): never {
  throw new Refusal(BadRequest, `The request is refused: ${what}.`);
}
