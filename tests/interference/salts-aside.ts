/**
 * What stands under the salts of a beat is another random text in each world, though the salts are
 * the same there: the hashes beside a log's place are those of other logs. Their number, their
 * lengths and whatever stands between them must be alike. `body` is latin1.
 */
export function saltsAside(path: string, body: string): string {
  if (path.startsWith('/log/head/tile/entries/')) return masked(body);
  if (path.startsWith('/log/head/tile/') && !body.startsWith('{')) return '#'.repeat(body.length);
  if (path === '/log/head/checkpoint') return masked(body);
  if (!/^\/v1\/disclosures\/[^/]+\/proof$/.test(path)) return body;
  const [proof = '', ...rest] = body.split(placeLine);
  return [proof, ...rest.map((part) => masked(withReadExtra(part)))].join(placeLine);
}

const placeLine = '\nsluice/head-place@v1\n';
/** Base64 or base64url of 32 bytes or more: hashes and signatures. */
const randomText = /[A-Za-z0-9+/_-]{43,}={0,2}/g;

function masked(text: string): string {
  return text.replaceAll(randomText, (found) => '#'.repeat(found.length));
}

/** The beat's entry in clear, so that only its root is masked. */
function withReadExtra(text: string): string {
  return text.replace(/^extra (.+)$/m, (_, extra: string) =>
    Buffer.from(extra, 'base64').toString('latin1'),
  );
}
