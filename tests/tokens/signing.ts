import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import request from 'supertest';
import type { Express } from 'express';
import { addClient } from '../../src/clients/index.ts';
import type { PartnerId } from '../../src/partners/index.ts';
import type { Tools } from '../../src/platform/tools.ts';

export type Algorithm = 'ES256' | 'PS256' | 'EdDSA';

/** A key pair of a client: the private part stays here. */
export interface KeyPair {
  readonly alg: Algorithm;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: Readonly<Record<string, unknown>>;
}

export async function makeKeyPair(alg: Algorithm, kid = 'key-1'): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export const setOf = (...pairs: readonly KeyPair[]) =>
  JSON.stringify({ keys: pairs.map(({ jwk }) => jwk) });

/** A client that proves itself by its keys. */
export async function aKeyedClient(
  tools: Tools,
  partnerId: PartnerId,
  pair: KeyPair,
): Promise<{ clientId: string; pair: KeyPair }> {
  const { client } = await addClient(tools, { partnerId, name: 'keyed', jwks: setOf(pair) });
  return { clientId: client.clientId, pair };
}

/** What an assertion says and how it is signed, but for what a test wants otherwise. */
export interface Saying {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly pair?: KeyPair;
}

/** An assertion of a client for an issuer, made at a moment. */
export function assertionOf(
  { clientId, pair }: { clientId: string; pair: KeyPair },
  { issuer, now }: { issuer: string; now: Date },
  { claims = {}, header = {}, pair: signer = pair }: Saying = {},
): Promise<string> {
  const seconds = Math.floor(now.getTime() / 1000);
  const said = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID() };
  return new SignJWT({ ...said, iat: seconds, exp: seconds + 60, ...claims })
    .setProtectedHeader({ alg: signer.alg, kid: signer.kid, ...header })
    .sign(signer.privateKey);
}

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Asks an OAuth endpoint as the client that the assertion proves. */
export const postSigned = (
  app: Express,
  assertion: string,
  form: Readonly<Record<string, string>> = { grant_type: 'client_credentials' },
  path = '/oauth/token',
) =>
  request(app)
    .post(path)
    .type('form')
    .send({ client_assertion_type: jwtBearer, client_assertion: assertion, ...form });

/** What a proof of possession says and how it is signed, but for what a test wants otherwise. */
export interface Proving extends Omit<Saying, 'pair'> {
  readonly method?: string;
  readonly url: string;
  readonly now: Date;
  readonly nonce?: string | undefined;
  /** The access token that it comes with. */
  readonly token?: string;
}

/** A DPoP proof (RFC 9449, section 4.2). */
export function proofOf(pair: KeyPair, proving: Proving): Promise<string> {
  const { method = 'GET', url, now, nonce, token, claims = {}, header = {} } = proving;
  const { kty, crv, x, y, n, e } = pair.jwk;
  const jwk = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })) as Record<string, string>;
  const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') }; // prettier-ignore
  const said = { jti: randomUUID(), htm: method, htu: url, iat: Math.floor(now.getTime() / 1000) };
  return new SignJWT({ ...said, ...ath, ...(nonce !== undefined && { nonce }), ...claims })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: pair.alg, jwk, ...header })
    .sign(pair.privateKey);
}
