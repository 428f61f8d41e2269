import type { Database } from '../platform/database.ts';
import type { Verification } from '../platform/http/bearer.ts';
import { TokenInvalid } from '../platform/http/kinds.ts';
import type { Tools } from '../platform/tools.ts';
import { isRightlyUsed, standingOf } from './token-rules.ts';
import { findTokenByHash } from './token-store.ts';
import { hashOf } from '../clients/index.ts';
import { PartnerSuspended, type Caller, type TokenFacts, type TokenUse } from './token.ts';

/** Under a second with room to spare, so that a revocation elsewhere counts within the second. */
const remembersMs = 900;
const remembersAtMost = 10_000;

interface Remembered {
  readonly facts: TokenFacts;
  /** When the statement that read it was sent, by the clock that nobody sets back. */
  readonly readAt: number;
}

/** Per database what was read of tokens in the last moment, by the hash of their secrets. */
const memories = new WeakMap<Database, Map<string, Remembered>>();

/**
 * Finds the caller behind an access token. What is unknown, expired, revoked or a retired partner's
 * is `token-invalid`, and so is one that is bound to another key or certificate than came with it, so
 * that no bound token serves without its proof, and one that comes from where its client is not
 * served; a suspended partner's is `partner-suspended`. Every change counts within a second in every
 * process.
 */
export async function verifyToken(
  tools: Pick<Tools, 'db' | 'clock'>,
  secret: string,
  use: TokenUse = {},
): Promise<Verification<Caller>> {
  const facts = isShaped(secret) ? await readFacts(tools, hashOf(secret)) : undefined;
  if (!facts || !isRightlyUsed(facts, use)) return { isLive: false, because: TokenInvalid };
  const standing = standingOf(facts, tools.clock.now());
  if (standing === 'live') return { isLive: true, caller: facts.caller };
  return { isLive: false, because: standing === 'suspended' ? PartnerSuspended : TokenInvalid };
}

/** Drops a token from this process's memory, so that the next look at it goes to the database. */
export function forgetToken(db: Database, hash: Buffer): void {
  memories.get(db)?.delete(hash.toString('base64'));
}

/** Drops every token of a client from this process's memory. */
export function forgetClient(db: Database, clientId: string): void {
  const memory = memories.get(db);
  for (const [key, { facts }] of memory ?? []) {
    if (facts.caller.clientId === clientId) memory?.delete(key);
  }
}

function isShaped(secret: string): boolean {
  return /^slt_[A-Za-z0-9_-]{43}$/.test(secret);
}

async function readFacts(
  { db, clock }: Pick<Tools, 'db' | 'clock'>,
  hash: Buffer,
): Promise<TokenFacts | undefined> {
  const memory = memoryOf(db);
  const key = hash.toString('base64');
  const readAt = clock.elapsedMs();
  const known = memory.get(key);
  if (known !== undefined && readAt - known.readAt < remembersMs) return known.facts;
  const facts = await findTokenByHash(db, hash);
  memory.delete(key);
  if (facts) remember(memory, key, { facts, readAt });
  return facts;
}

/** The oldest goes first. Unknown tokens are not remembered, so that nobody can crowd the others out. */
function remember(memory: Map<string, Remembered>, key: string, one: Remembered): void {
  const oldest = memory.size < remembersAtMost ? undefined : memory.keys().next().value;
  if (oldest !== undefined) memory.delete(oldest);
  memory.set(key, one);
}

function memoryOf(db: Database): Map<string, Remembered> {
  const memory = memories.get(db) ?? new Map<string, Remembered>();
  memories.set(db, memory);
  return memory;
}
