import { compactDecrypt, CompactEncrypt } from 'jose';
import { bytesOfClicks, clicksOfBytes, type Clicks } from './click-rules.ts';

const header = { alg: 'dir', enc: 'A256GCM' } as const;

/** Encrypts and authenticates the clicks of a session (JWE, RFC 7516), always in the same length. */
export async function sealClicks(key: Uint8Array, clicks: Clicks): Promise<string> {
  return new CompactEncrypt(bytesOfClicks(clicks)).setProtectedHeader(header).encrypt(key);
}

/**
 * Opens what `sealClicks` made with this key; undefined for anything else, however it was changed.
 * Length, header and coding are held to the one form that is ours before anything is decrypted.
 */
export async function openClicks(key: Uint8Array, text: string): Promise<Clicks | undefined> {
  if (text.length > 1000) return undefined;
  const parts = text.split('.');
  const isOurs =
    parts.length === 5 && parts[0] === encoded(JSON.stringify(header)) && parts[1] === '';
  if (!isOurs || !parts.every(isCanonical)) return undefined;
  try {
    const { plaintext } = await compactDecrypt(text, key, {
      keyManagementAlgorithms: [header.alg],
      contentEncryptionAlgorithms: [header.enc],
    });
    return clicksOfBytes(Buffer.from(plaintext));
  } catch {
    return undefined;
  }
}

/**
 * The name of the cookie: the prefix makes browsers hold to what it promises (Secure; with `__Host-`
 * this very host and no domain).
 */
export function cookieNameOf(domain: string | undefined): string {
  return domain === undefined ? '__Host-sluice-click' : '__Secure-sluice-click';
}

/** The header that sets it, gone with the session (P26): no Max-Age, no Expires. */
export function setCookieOf(domain: string | undefined, value: string): string {
  const place = domain === undefined ? '' : `; Domain=${domain}`;
  return `${cookieNameOf(domain)}=${value}; Path=/${place}; Secure; HttpOnly; SameSite=Lax`;
}

/** The values under which a request's Cookie header names it: several where somebody planted one. */
export function cookiesIn(cookieHeader: string | undefined, name: string): string[] {
  return (cookieHeader ?? '').split(';').flatMap((pair) => {
    const [given = '', ...value] = pair.trim().split('=');
    return given === name ? [value.join('=')] : [];
  });
}

const encoded = (text: string) => Buffer.from(text).toString('base64url');

/** No padding, no bits left over: one text for the same bytes. */
function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}
