import type { Request } from 'express';
import { Refusal } from '../refusal.ts';
import { BadRequest, HeadersTooLarge, MethodNotAllowed, ParamInvalid } from './kinds.ts';
import { TargetTooLong, TokenMisplaced } from './kinds.ts';
import { RefusalWithHeaders } from './problems.ts';

const longestTarget = 2048;
const longestSegment = 500;
const mostHeaders = 100;

/**
 * Refuses what Node's parser lets through and no honest client sends: doubled or absolute targets,
 * doubled credentials, a token in the URL, encodings that hide a slash or a NUL. Runs before
 * everything, so that nothing behind it has to think of it.
 */
export function checkRequest(request: Request): void {
  checkHeaders(request);
  checkTarget(request.url);
  if (request.method === 'TRACE' || request.method === 'CONNECT') {
    throw new RefusalWithHeaders(MethodNotAllowed, { Allow: 'GET, POST' });
  }
}

function checkHeaders({ rawHeaders, headers }: Request): void {
  if (rawHeaders.length / 2 > mostHeaders) throw new Refusal(HeadersTooLarge);
  if (timesGiven('host', rawHeaders) !== 1) refuse('exactly one Host header is needed');
  if (timesGiven('authorization', rawHeaders) > 1) refuse('more than one Authorization header');
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding !== 'chunked') refuse('the transfer coding is not known');
}

function checkTarget(target: string): void {
  // Only Host says whom the request is for; an absolute target could say another.
  if (!target.startsWith('/')) refuse('the target must be a path');
  if (!/^[\x21-\x7e]+$/.test(target) || /[#\\]/.test(target)) refuse('a character in the target');
  const queryAt = target.indexOf('?');
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  checkPath(path);
  if (target.length > longestTarget) throw new Refusal(TargetTooLong);
  if (queryAt >= 0) checkQuery(target.slice(queryAt + 1));
}

function checkPath(path: string): void {
  for (const segment of path.split('/')) {
    if (segment.length > longestSegment) refuseParam('A segment of the path is too long.');
    if (segment === '.' || segment === '..') refuse('the path is not normalised');
    if (/[/\\]/.test(decoded(segment)) || /^\.{1,2}$/.test(decoded(segment))) {
      refuseParam('A segment of the path hides another path.');
    }
  }
}

function checkQuery(query: string): void {
  if (decoded(query).toLowerCase().includes('access_token')) throw new Refusal(TokenMisplaced);
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  let plain = '';
  try {
    plain = decodeURIComponent(text);
  } catch {
    refuseParam('The target is not valid percent-encoded UTF-8.');
  }
  if (plain.includes('\0')) refuseParam('The target has a NUL in it.');
  return plain;
}

function timesGiven(name: string, rawHeaders: readonly string[]): number {
  let times = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const given = rawHeaders[at] ?? '';
    if (given.length === name.length && given.toLowerCase() === name) times += 1;
  }
  return times;
}

function refuse(what: string): never {
  throw new Refusal(BadRequest, `The request is refused: ${what}.`);
}

function refuseParam(detail: string): never {
  throw new Refusal(ParamInvalid, detail);
}
