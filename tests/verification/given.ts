import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import {
  checkpointText,
  entryBundle,
  inclusionPath,
  leafHash,
  nodesOfTile,
  noteSigner,
  proofText,
  rootOf,
  signNote,
  tilePathOf,
  tilesOf,
} from '../../src/transparency/index.ts';

/** Proof files and tiles as a gateway writes them, made here with Node and the writing side. */

export const host = 'sluice.example';
export const headOrigin = `${host}/log/head`;
const seed = createHash('sha256').update('the key of the log').digest();
const hostSigner = noteSigner(host, seed);
const headSigner = noteSigner(headOrigin, seed);
/** The verifier key under the name of the host, and under that of the head log. */
export const hostKey = hostSigner.verifierKey;
export const headKey = headSigner.verifierKey;

export const sha256 = (...parts: readonly (Uint8Array | string)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** What RFC 8785 makes of an object whose names are sorted: enough for entries of flat tests. */
export const canonical = (value: Readonly<Record<string, unknown>>) =>
  JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));

export interface GivenWitness {
  readonly name: string;
  readonly key: string;
  readonly privateKey: KeyObject;
}

/** A witness with a key of its own; its verifier key is of type 4. */
export function givenWitness(name: string): GivenWitness {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const typed = Buffer.concat([Buffer.of(4), raw]);
  const id = sha256(`${name}\n`, typed).subarray(0, 4).toString('hex');
  return { name, privateKey, key: `${name}+${id}+${typed.toString('base64')}` };
}

/** The checkpoint with the witness's line behind it. */
export function cosign(note: string, { key, name, privateKey }: GivenWitness, seconds = 1.7e9) {
  const text = note.slice(0, note.indexOf('\n\n') + 1);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  const message = `cosignature/v1\ntime ${String(seconds)}\n${text}`;
  const id = Buffer.from(key.slice(name.length + 1, name.length + 9), 'hex');
  const line = Buffer.concat([id, time, sign(null, Buffer.from(message), privateKey)]);
  return `${note}— ${name} ${line.toString('base64')}\n`;
}

export interface GivenProofFile {
  readonly body?: Uint8Array;
  readonly entry?: Readonly<Record<string, unknown>>;
  /** The entry's text as it is, canonical or not. */
  readonly text?: string;
  readonly index?: number;
  readonly size?: number;
  readonly logId?: string;
  readonly headOrigin?: string;
  readonly beatEntry?: Readonly<Record<string, unknown>>;
  readonly witnesses?: readonly GivenWitness[];
  /** What the head log holds in place of the checkpoint of the recipient's log. */
  readonly headRoot?: Buffer;
}

/** A proof file, and what was disclosed by it. */
export function givenProofFile(given: GivenProofFile = {}) {
  const { body = Buffer.from('{"data":[]}'), index = 2, size = 5, witnesses = [] } = given;
  const salt = randomBytes(16);
  const payload = sha256(salt, body).toString('base64url');
  const members = { channel: 'pull', id: 'dis_1', payload, v: 1, ...given.entry };
  const entry = given.text ?? canonical(members);
  const leaves = othersAround(index, size, entry).map((one) => leafHash(Buffer.from(one)));
  const origin = `${host}/log/${given.logId ?? 'Asqsn-BstO4eGRe9ZQztHQ'}`;
  const root = rootOf(leaves);
  const first = proofText({
    extra: Buffer.from(JSON.stringify({ entry, salt: salt.toString('base64url') })),
    index,
    path: inclusionPath(leaves, index),
    checkpoint: signNote(checkpointText({ origin, size, root }), hostSigner),
  });
  const place = givenPlace({ origin, size, root });
  const at = '2026-11-27T23:00:00.000Z';
  const beat = canonical({
    at,
    event: 'beat',
    id: 'beat_1',
    root: (given.headRoot ?? place.root).toString('base64url'),
    v: 1,
    ...given.beatEntry,
  });
  const beats = othersAround(6, 9, beat).map((one) => leafHash(Buffer.from(one)));
  const name = given.headOrigin ?? headOrigin;
  const headText = checkpointText({ origin: name, size: 9, root: rootOf(beats) });
  const signed = signNote(headText, noteSigner(name, seed));
  const last = proofText({
    extra: Buffer.from(JSON.stringify({ entry: beat })),
    index: 6,
    path: inclusionPath(beats, 6),
    checkpoint: witnesses.reduce((note, witness) => cosign(note, witness), signed),
  });
  const lines = place.path.map((hash) => `${hash.toString('base64')}\n`).join('');
  const opening = `sluice/head-place@v1\nsalt ${place.salt.toString('base64')}\n${lines}`;
  return {
    first,
    file: `${first}\n${opening}\n${last}`,
    entry,
    salt: salt.toString('base64url'),
    body,
    origin,
    facts: {
      holds: true,
      origin,
      size,
      index,
      entry,
      head: { origin: name, size: 9, index: 6, at },
    },
  };
}

/** The place of a log in a head tree whose other subtrees are hashes of nobody. */
export function givenPlace(log: { origin: string; size: number; root: Buffer }) {
  const salt = randomBytes(32);
  const path = Array.from({ length: 32 }, () => randomBytes(32));
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(log.size));
  const place = BigInt(`0x${sha256(log.origin).subarray(0, 4).toString('hex')}`);
  let hash = sha256(Buffer.of(0), salt, log.origin, size, log.root);
  for (const [k, sibling] of path.entries()) {
    const isRight = ((place >> BigInt(k)) & 1n) === 1n;
    hash = sha256(Buffer.of(1), ...(isRight ? [sibling, hash] : [hash, sibling]));
  }
  return { salt, path, root: hash };
}

function othersAround(index: number, size: number, entry: string): string[] {
  return Array.from({ length: size }, (_, i) => (i === index ? entry : `{"other":${String(i)}}`));
}

/** A policy for the head log: its lines, with a line for each witness before them. */
export function givenPolicy(witnesses: readonly GivenWitness[], ...lines: readonly string[]) {
  const known = witnesses.map(({ name, key }) => `witness ${name} ${key}`);
  return [`log ${headKey}`, ...known, ...lines, ''].join('\n');
}

/** The files of a log with these entries, by path. */
export function givenTiles(
  entries: readonly Uint8Array[],
  { origin = `${host}/log/Asqsn`, witnesses = [] as readonly GivenWitness[] } = {},
): Map<string, Uint8Array> {
  const leaves = entries.map(leafHash);
  const name = origin.startsWith(headOrigin) ? origin : host;
  const text = checkpointText({ origin, size: entries.length, root: rootOf(leaves) });
  const note = signNote(text, noteSigner(name, seed));
  const checkpoint = witnesses.reduce((signed, witness) => cosign(signed, witness), note);
  const files = new Map<string, Uint8Array>([['checkpoint', Buffer.from(checkpoint)]]);
  for (const tile of tilesOf(entries.length)) {
    const { level, from, to } = nodesOfTile(tile);
    const nodes = Array.from({ length: to - from }, (_, i) =>
      rootOf(leaves.slice((from + i) * 2 ** level, (from + i + 1) * 2 ** level)),
    );
    const place = tilePathOf(tile);
    files.set(`tile/${String(tile.level)}/${place}`, Buffer.concat(nodes));
    if (level === 0) files.set(`tile/entries/${place}`, entryBundle(entries.slice(from, to)));
  }
  return files;
}
