import { cosigner, fromBase64, type NoteSigner } from '../transparency/index.ts';

/** A witness's key as one line of a file, in the form of Go's sumdb/note. */

const type = 4;

/** The line of a new key. */
export function keyLine(name: string, seed: Buffer): string {
  const id = cosigner(name, seed).keyId.toString('hex');
  const key = Buffer.concat([Buffer.of(type), seed]).toString('base64');
  return `PRIVATE+KEY+${name}+${id}+${key}\n`;
}

/** The key of a line; undefined unless it is a witness's and its id fits. */
export function parseKeyLine(line: string): NoteSigner | undefined {
  const read = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+(\S+)\n?$/.exec(line);
  const [, name = '', id = '', text = ''] = read ?? [];
  const key = fromBase64(text);
  if (key?.length !== 33 || key[0] !== type) return undefined;
  const signer = cosigner(name, key.subarray(1));
  return signer.keyId.toString('hex') === id ? signer : undefined;
}
