import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { uuidBytes, uuidText } from './uuid.ts';

/**
 * Seals a position (a uuid) into a cursor: AES-256-GCM with the context as additional data, so that
 * it opens for nobody and nothing but what it was made for. The nonce is derived from what is sealed
 * (as in SIV, RFC 5297), so that the same page has the same bytes.
 */
export function sealCursor(key: Buffer, context: readonly string[], position: string): string {
  const plain = uuidBytes(position);
  const bound = Buffer.from(JSON.stringify(context));
  const nonce = createHmac('sha256', key).update(bound).update(plain).digest().subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
}

/** Opens a cursor; undefined when it was changed, or made for another context. */
export function openCursor(
  key: Buffer,
  context: readonly string[],
  text: string,
): string | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== 44 || bytes.toString('base64url') !== text) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
    .setAAD(Buffer.from(JSON.stringify(context)))
    .setAuthTag(bytes.subarray(28));
  try {
    return uuidText(Buffer.concat([decipher.update(bytes.subarray(12, 28)), decipher.final()]));
  } catch {
    return undefined;
  }
}
