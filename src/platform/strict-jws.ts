import { readStrictJson } from './strict-json.ts';

/** What a signed text says before its signature is verified: nothing to be relied on. */
export interface ReadJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

const longest = 8 * 1024;

/**
 * Reads a JWT in compact form strictly (RFC 7515, section 3.1; RFC 7519): three parts of canonical
 * base64url, of which header and claims are JSON objects that name no member twice. Undefined where
 * it is not: what two readers read differently is a way in.
 */
export function readJws(text: string): ReadJws | undefined {
  const parts = partsOf(text);
  const [header, claims] = [objectIn(parts?.[0]), objectIn(parts?.[1])];
  return header && claims && { header, claims };
}

/** The three parts of a JWS in compact form, whatever it signs; undefined where it is not strictly one. */
export function partsOf(text: string): readonly string[] | undefined {
  if (text.length > longest) return undefined;
  const parts = text.split('.');
  const isJws = parts.length === 3 && parts.every(isCanonical);
  return isJws && objectIn(parts[0]) ? parts : undefined;
}

/** The base64url of bytes and of nothing else: no padding, no blank, no bits left over. */
const isCanonical = (part: string) =>
  /^[A-Za-z0-9_-]+$/.test(part) && Buffer.from(part, 'base64url').toString('base64url') === part;

function objectIn(part = ''): Readonly<Record<string, unknown>> | undefined {
  try {
    const limits = { maxBytes: longest, maxDepth: 8, allowDecimals: true };
    const value = readStrictJson(Buffer.from(part, 'base64url'), limits);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
