import { binaryOf, bytesOf, textOf, toHex, utf8 } from './encoding-rules.ts';
import { parseVerifierKey, type VerifierKey } from './key-rules.ts';

/** Trust policies: which logs are trusted, and whose cosignatures they need (C2SP tlog-policy). */

export interface TrustPolicy {
  readonly logs: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
  /** The witnesses that can be asked: those whose line has a URL. */
  readonly contacts: readonly WitnessContact[];
  /** The name on the quorum line. */
  readonly quorum: string;
  /** Whether these witnesses, who cosigned, suffice. */
  readonly isMetBy: (cosigners: readonly VerifierKey[]) => boolean;
}

export interface WitnessContact {
  /** Its name in the policy. */
  readonly name: string;
  readonly key: VerifierKey;
  /** The key as the policy writes it. */
  readonly vkey: string;
  readonly url: string;
}

export type ParsedPolicy =
  | { readonly parsed: true; readonly policy: TrustPolicy }
  | { readonly parsed: false; readonly line: number; readonly because: string };

/** Tells which cosigners make a member of the quorum count. */
type Rule = (cosigners: readonly VerifierKey[]) => boolean;

interface Draft {
  readonly logs: VerifierKey[];
  readonly witnesses: VerifierKey[];
  readonly contacts: WitnessContact[];
  /** Witnesses and groups by name; a name is octets, here a character each. */
  readonly rules: Map<string, Rule>;
  readonly members: Set<string>;
  quorum?: { readonly name: string; readonly rule: Rule };
}

/** Reads a trust policy; otherwise tells the first line (from 1) that is wrong, and why. */
export async function parsePolicy(file: Uint8Array | string): Promise<ParsedPolicy> {
  const lines = binaryOf(typeof file === 'string' ? utf8(file) : file).split('\n');
  const draft: Draft = {
    logs: [],
    witnesses: [],
    contacts: [],
    rules: new Map(),
    members: new Set(),
  };
  for (const [at, line] of lines.entries()) {
    const isUnfinished = at === lines.length - 1 && line !== '';
    const because = isUnfinished ? 'it does not end with a newline' : await addLine(draft, line);
    if (because !== undefined) return { parsed: false, line: at + 1, because };
  }
  const { logs, witnesses, contacts, quorum } = draft;
  if (!quorum) return { parsed: false, line: lines.length, because: 'there is no quorum line' };
  const policy = { logs, witnesses, contacts, quorum: shown(quorum.name), isMetBy: quorum.rule };
  return { parsed: true, policy };
}

/** Adds what a line defines; answers what is wrong with it. */
async function addLine(draft: Draft, line: string): Promise<string | undefined> {
  // eslint-disable-next-line no-control-regex -- tlog-policy forbids exactly these
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(line)) return 'it holds a control character';
  const [keyword, ...items] = line.split(/[ \t]+/).filter((item) => item !== '');
  if (keyword === undefined || keyword.startsWith('#')) return undefined;
  if (keyword === 'log') return addLog(draft, items);
  if (keyword === 'witness') return addWitness(draft, items);
  if (keyword === 'group') return addGroup(draft, items);
  if (keyword === 'quorum') return addQuorum(draft, items);
  return `"${shown(keyword)}" is none of log, witness, group, quorum`;
}

async function addLog({ logs }: Draft, items: readonly string[]): Promise<string | undefined> {
  const [text, , ...more] = items;
  if (text === undefined || more.length > 0) return 'it is not "log <vkey> [<url>]"';
  const key = await keyOf(text);
  if (key?.type !== 1) return 'its key is not a verifier key of type 1 (Ed25519)';
  return addKey(logs, key, 'log');
}

async function addWitness(draft: Draft, items: readonly string[]): Promise<string | undefined> {
  const [name, text, url, ...more] = items;
  if (name === undefined || text === undefined || more.length > 0) {
    return 'it is not "witness <name> <vkey> [<url>]"';
  }
  const key = await keyOf(text);
  if (key?.type !== 4) return 'its key is not a verifier key of type 4 (Ed25519 cosignature/v1)';
  if (url !== undefined) draft.contacts.push({ name: shown(name), key, vkey: text, url });
  return (
    addKey(draft.witnesses, key, 'witness') ??
    define(draft, name, (cosigners) => cosigners.some((one) => isTwin(one, key)))
  );
}

function addGroup(draft: Draft, items: readonly string[]): string | undefined {
  const [name, threshold = '', ...members] = items;
  if (name === undefined || members.length === 0) return 'it is not "group <name> <k> <name>..."';
  const rules: Rule[] = [];
  for (const member of members) {
    const rule = draft.rules.get(member);
    if (!rule) return `"${shown(member)}" is not defined above it`;
    if (draft.members.has(member)) return `"${shown(member)}" is already a member of a group`;
    draft.members.add(member);
    rules.push(rule);
  }
  const needed = thresholdOf(threshold, members.length);
  if (needed === undefined) {
    return `"${shown(threshold)}" is neither all, any nor a number from 1 to ${String(members.length)}`;
  }
  return define(
    draft,
    name,
    (cosigners) => rules.filter((rule) => rule(cosigners)).length >= needed,
  );
}

function addQuorum(draft: Draft, items: readonly string[]): string | undefined {
  const [name, ...more] = items;
  if (name === undefined || more.length > 0) return 'it is not "quorum <name>"';
  if (draft.quorum) return 'it is the second quorum line';
  const rule = name === 'none' ? () => true : draft.rules.get(name);
  if (!rule) return `"${shown(name)}" is not defined above it`;
  draft.quorum = { name, rule };
  return undefined;
}

function define({ rules }: Draft, name: string, rule: Rule): string | undefined {
  if (name === 'none') return '"none" has its own meaning, and can’t be defined';
  if (rules.has(name)) return `"${shown(name)}" is already defined`;
  rules.set(name, rule);
  return undefined;
}

/** One key under two names would count twice. */
function addKey(keys: VerifierKey[], key: VerifierKey, what: string): string | undefined {
  if (keys.some((one) => isTwin(one, key))) return `another ${what} line has the same key`;
  keys.push(key);
  return undefined;
}

function isTwin(one: VerifierKey, other: VerifierKey): boolean {
  return toHex(one.publicKey) === toHex(other.publicKey);
}

function thresholdOf(text: string, count: number): number | undefined {
  if (text === 'any') return 1;
  if (text === 'all') return count;
  const number = /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= count ? number : undefined;
}

async function keyOf(item: string): Promise<VerifierKey | undefined> {
  const text = textOf(bytesOf(item));
  return text === undefined ? undefined : parseVerifierKey(text);
}

/** The octets of a name as text, for people. */
function shown(name: string): string {
  return textOf(bytesOf(name)) ?? name;
}
