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

/** How the client proves itself: by its private key, else by its secret. */
async function proof() {
  if (!values.key) return oauth.ClientSecretBasic(secret);
  const jwk = JSON.parse(await readFile(values.key, 'utf8'));
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']);
  return oauth.PrivateKeyJwt({ key, kid: jwk.kid });
}

async function pull() {
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
  const url = new URL(path, origin);
  return oauth.fetchProtectedResource(config, token, url, 'GET', undefined, undefined, binding);
}

/** What went wrong, in one sentence: as the gateway says it, or as the network does. */
async function sentenceOf(error) {
  if (error.response) return `${error.response.status} ${await error.response.text()}`;
  if (error.error) return `${error.status} ${error.error}: ${error.error_description}`;
  return `${origin} gave no answer: ${error.cause?.message ?? error.message}`;
}

const missing =
  (!origin && 'the origin') ||
  (!clientId && 'the client’s id') ||
  (!values.key && !secret && 'CLIENT_SECRET, or --key with a file');
if (missing) {
  console.error(`What is missing: ${missing}. The head of this file says how it is called.`);
  process.exit(2);
}
try {
  const answer = await pull();
  const id = answer.headers.get('disclosure-id');
  if (id) console.error(`Disclosure-Id: ${id}`);
  console.log(await answer.text());
  if (!answer.ok) process.exitCode = 1;
} catch (error) {
  console.error(await sentenceOf(error));
  process.exitCode = 1;
}
