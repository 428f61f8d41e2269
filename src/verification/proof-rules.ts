import {
  type Checkpoint,
  fromBase64,
  joined,
  leafHash,
  nodeHash,
  provesInclusion,
  sha256,
  u64,
  utf8,
  wholeNumber,
} from '../notes/index.ts';

/** Proof files: a C2SP tlog-proof and, once the head log covers it, its place in the head tree. */

export interface LogProof {
  /** What helps to rebuild the entry; it proves nothing by itself. */
  readonly extra: Uint8Array | undefined;
  readonly index: number;
  /** From the leaf's sibling up to the root's child. */
  readonly path: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
}

export interface ProofFile {
  readonly entry: LogProof;
  readonly head?: { readonly place: HeadPlace; readonly beat: LogProof };
}

/** The opening of a log's place in the head tree. */
export interface HeadPlace {
  readonly salt: Uint8Array;
  /** The siblings, at the leaf's level first. */
  readonly path: readonly Uint8Array[];
}

/** Where and when the head log took a recipient's log in. */
export interface HeadBeat {
  readonly origin: string;
  readonly size: number;
  readonly index: number;
  /** RFC 3339. */
  readonly at: string;
}

const placeLine = '\n\nsluice/head-place@v1\n';

/** Reads a proof file; undefined when it is none. */
export function parseProofFile(text: string): ProofFile | undefined {
  const end = text.indexOf(placeLine);
  if (end < 0) {
    const entry = parseProof(text);
    return entry && { entry };
  }
  const entry = parseProof(text.slice(0, end + 1));
  const pattern = /^salt ([^\n]+)\n((?:[^\n]+\n){32})\n(.+)$/s;
  const rest = pattern.exec(text.slice(end + placeLine.length)) ?? [];
  const [, salt = '', hashes = '', last = ''] = rest;
  const place = { salt: hashOf(salt), path: hashesOf(hashes) };
  const beat = parseProof(last);
  if (!entry || !place.salt || !place.path || !beat) return undefined;
  return { entry, head: { place: { salt: place.salt, path: place.path }, beat } };
}

/** Reads one C2SP tlog-proof; undefined when it is none. */
export function parseProof(text: string): LogProof | undefined {
  const pattern =
    /^c2sp\.org\/tlog-proof@v1\n(?:extra ([^\n]+)\n)?index ([^\n]+)\n((?:[^\n]+\n)*)\n(.+)$/s;
  const [, extraText, indexText = '', hashes = '', checkpoint = ''] = pattern.exec(text) ?? [];
  const [index, path] = [wholeNumber(indexText), hashesOf(hashes)];
  const extra = extraText === undefined ? undefined : fromBase64(extraText);
  if (index === undefined || !path || path.length > 63) return undefined;
  if (extraText !== undefined && !extra) return undefined;
  return { extra, index, path, checkpoint };
}

/** Whether the entry is in the tree of the checkpoint, where the proof says. */
export async function holdsEntry(
  { index, path }: LogProof,
  entry: string,
  { size, root }: Checkpoint,
): Promise<boolean> {
  return provesInclusion({ index, size, leaf: await leafHash(utf8(entry)), path, root });
}

/** The root of the head tree in which this checkpoint has the place that is opened. */
export async function headRootAbove(
  { origin, size, root }: Checkpoint,
  { salt, path }: HeadPlace,
): Promise<Uint8Array> {
  const place = new DataView((await sha256(utf8(origin))).buffer).getUint32(0);
  let hash = await leafHash(joined(salt, utf8(origin), u64(size), root));
  for (const [level, sibling] of path.entries()) {
    const isRight = Math.floor(place / 2 ** level) % 2 === 1;
    hash = await (isRight ? nodeHash(sibling, hash) : nodeHash(hash, sibling));
  }
  return hash;
}

function hashesOf(lines: string): Uint8Array[] | undefined {
  const hashes = lines.split('\n').slice(0, -1).map(hashOf);
  const whole = hashes.filter((hash) => hash !== undefined);
  return whole.length === hashes.length ? whole : undefined;
}

function hashOf(line: string): Uint8Array | undefined {
  const hash = fromBase64(line);
  return hash?.length === 32 ? hash : undefined;
}
