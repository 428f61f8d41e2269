// Makes a key pair that a client signs its assertions with (ES256), in the folder given:
// `client-key.json` stays with you, `keys.json` is what the operator registers.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = process.argv[2] ?? '.';
const { privateKey, publicKey } = await crypto.subtle.generateKey(
  { name: 'ECDSA', namedCurve: 'P-256' },
  true,
  ['sign', 'verify'],
);
const kid = crypto.randomUUID();
const jwk = async (key) => {
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk', key);
  return { kty, crv, x, y, ...(d && { d }), kid, alg: 'ES256' };
};
const write = (name, content, mode) =>
  writeFile(join(folder, name), JSON.stringify(content, null, 2) + '\n', { mode, flag: 'wx' });

await mkdir(folder, { recursive: true });
await write('client-key.json', await jwk(privateKey), 0o600);
await write('keys.json', { keys: [await jwk(publicKey)] }, 0o644);
console.log(`Made ${join(folder, 'client-key.json')} (keep it) and ${join(folder, 'keys.json')}.`);
