import { createHash, createPublicKey, verify } from 'node:crypto';

/**
 * A verifier of cosignatures made from the text of tlog-cosignature alone: it shares no code with
 * the witness. Answers the time of each valid line by this key; throws for a line that is not.
 */
export function timesCosigned(lines: string, text: string, vkey: string): number[] {
  const [name = '', id = '', ...rest] = vkey.split('+');
  const typed = Buffer.from(rest.join('+'), 'base64');
  if (typed[0] !== 4 || typed.length !== 33) throw new Error('no key of a witness');
  const made = createHash('sha256').update(`${name}\n`).update(typed).digest('hex').slice(0, 8);
  if (made !== id) throw new Error('the id of the key is not the key’s');
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: typed.subarray(1).toString('base64url') },
    format: 'jwk',
  });
  if (!lines.endsWith('\n')) throw new Error('the last line does not end');
  return lines
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const [dash, signer, base64 = ''] = line.split(' ');
      const bytes = Buffer.from(base64, 'base64');
      const time = bytes.readBigUInt64BE(4);
      const signed = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
      const isWhole = bytes.length === 4 + 8 + 64 && bytes.toString('base64') === base64;
      const isOurs = dash === '—' && signer === name && bytes.toString('hex', 0, 4) === id;
      if (!isWhole || !isOurs || !verify(null, signed, publicKey, bytes.subarray(12))) {
        throw new Error(`no cosignature: ${line}`);
      }
      return Number(time);
    });
}

export const textOf = (note: string) => note.slice(0, note.lastIndexOf('\n\n') + 1);
