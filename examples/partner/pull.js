// Reads one path of the partner API and prints the body; needs the package `openid-client`.
//
//   CLIENT_SECRET=sls_… node pull.js ORIGIN CLIENT_ID PATH
//   node pull.js ORIGIN CLIENT_ID PATH --key client-key.json [--dpop]
//
// `--dpop` binds the token to a key that lives as long as this program does (RFC 9449).
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as oauth from 'openid-client';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { key: { type: 'string' }, dpop: { type: 'boolean' } },
});
const [origin, clientId, path = '/v1/me'] = positionals;
const secret = process.env.CLIENT_SECRET;
if (!origin || !clientId || (!values.key && !secret)) {
  console.error('Say where, who and by what: see the head of this file.');
  process.exit(2);
}

/** How the client proves itself: by its private key, else by its secret. */
async function proof() {
  if (!values.key) return oauth.ClientSecretBasic(secret);
  const jwk = JSON.parse(await readFile(values.key, 'utf8'));
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']);
  return oauth.PrivateKeyJwt({ key, kid: jwk.kid });
}

// In clear nobody but this machine is talked to: the demo listens on loopback.
const isHere = new URL(origin).hostname === '127.0.0.1';
const config = await oauth.discovery(new URL(origin), clientId, undefined, await proof(), {
  algorithm: 'oauth2',
  execute: isHere ? [oauth.allowInsecureRequests] : [],
});
const binding = values.dpop && {
  DPoP: oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair('ES256')),
};
const { access_token: token } = await oauth.clientCredentialsGrant(config, {}, binding);
const answer = await oauth.fetchProtectedResource(
  config,
  token,
  new URL(path, origin),
  'GET',
  undefined,
  undefined,
  binding,
);
const id = answer.headers.get('disclosure-id');
if (id) console.error(`Disclosure-Id: ${id}`);
console.log(await answer.text());
if (!answer.ok) process.exitCode = 1;
