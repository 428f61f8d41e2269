import type { IncomingMessage } from 'node:http';
import { bodyOf } from './body.ts';

const longestLook = 16 * 1024;

/**
 * Whether the body of a request that brought no token in its header names one (RFC 6750, section 2.2,
 * which RFC 9700 rules out). The body is looked at, never parsed, and nothing in it is used.
 */
export async function holdsToken(request: IncomingMessage): Promise<boolean> {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  if (coding === undefined && (length === undefined || length === '0')) return false;
  let seen = '';
  for await (const chunk of bodyOf(request)) {
    seen += chunk.toString('latin1');
    if (seen.length > longestLook) break;
  }
  return seen.includes('access_token');
}
