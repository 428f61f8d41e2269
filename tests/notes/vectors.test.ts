import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from '@jest/globals';
import {
  leafHash,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  provesConsistency,
  provesInclusion,
} from '../../src/notes/index.ts';
import { entriesOfBundle, hashesOfTile, tilePath } from '../../src/notes/tile-rules.ts';
import { peaksOf, rootOfPeaks } from '../../src/notes/tree-rules.ts';
import { readReference, referenceTest, referenceUrl } from '../support/reference.ts';

interface Notes {
  readonly good_vkeys: readonly string[];
  readonly bad_vkeys: readonly string[];
  readonly c2sp_example: { readonly vkey: string; readonly note: string };
  readonly cases: readonly {
    readonly name: string;
    readonly keys: readonly string[];
    readonly note?: string;
    readonly note_b64?: string;
    readonly want: {
      readonly ok: boolean;
      readonly verified?: number;
      readonly unverified?: number;
    };
  }[];
}

const notes = 'vectors/extracted/signed-note.json';
const readNotes = () => JSON.parse(readReference(notes)) as Notes;
const verifiers = async (keys: readonly string[]) =>
  (await Promise.all(keys.map(parseVerifierKey))).filter((key) => key !== undefined);

referenceTest(notes, 'the verifier reads keys as golang.org/x/mod does', async () => {
  const { good_vkeys: good, bad_vkeys: bad } = readNotes();
  expect(await verifiers(good)).toHaveLength(good.length);
  expect(await verifiers(bad)).toEqual([]);
});

referenceTest(notes, 'no part of a key is a key, nor is one with a byte changed', async () => {
  const mangled: string[] = [];
  for (const key of readNotes().good_vkeys) {
    for (let from = 0; from < key.length; from += 1) {
      for (let to = from; to <= key.length; to += 1) {
        if (to - from < key.length) mangled.push(key.slice(from, to));
      }
      const next = String.fromCharCode(key.charCodeAt(from) + 1);
      mangled.push(key.slice(0, from) + next + key.slice(from + 1));
    }
  }
  expect(mangled.length).toBeGreaterThan(6_000);
  expect(await verifiers(mangled)).toEqual([]);
});

referenceTest(notes, 'the verifier opens notes and leaves them closed as published', async () => {
  const { cases, c2sp_example: example } = readNotes();
  for (const { name, keys, note, note_b64: bytes = '', want } of cases) {
    const text = note ?? Buffer.from(bytes, 'base64').toString();
    const opened = await openNote(text, await verifiers(keys));
    expect([name, opened.opened]).toEqual([name, want.ok]);
    if (!opened.opened) continue;
    const { verified, unverified } = want;
    const counts = { verified: opened.signatures.length, unverified: opened.unverified };
    expect([name, counts]).toEqual([name, { verified, unverified }]);
  }
  const known = await verifiers([example.vkey]);
  expect(await openNote(example.note, known)).toMatchObject({ opened: true });
});

const checkpoints = 'vectors/extracted/checkpoint-body.json';

referenceTest(checkpoints, 'the verifier reads checkpoints as published', () => {
  const {
    format,
    bad,
    cosigned_example: cosigned,
  } = JSON.parse(readReference(checkpoints)) as {
    format: { size: string; root: string; origin: string; golden: string };
    bad: readonly string[];
    cosigned_example: string;
  };
  const { origin, golden } = format;
  const read = parseCheckpoint(golden);
  expect(read).toMatchObject({ origin, size: Number(format.size) });
  expect(Buffer.from(read?.root ?? []).toString('base64')).toBe(format.root);
  for (const text of bad) expect(parseCheckpoint(text)?.origin).not.toBe(origin);
  expect(parseCheckpoint(cosigned.slice(0, cosigned.indexOf('\n\n') + 1))?.size).toBe(20_852_163);
});

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const roots = 'vectors/extracted/rfc6962-roots.json';

referenceTest(roots, 'the verifier has the roots of Certificate Transparency', async () => {
  const published = JSON.parse(readReference(roots)) as {
    leaf_inputs_hex: string[];
    empty_root: string;
    roots_by_size: string[];
  };
  const inputs = published.leaf_inputs_hex.map((text) => leafHash(Buffer.from(text, 'hex')));
  const leaves = await Promise.all(inputs);
  expect(hex(await rootOfPeaks([]))).toBe(published.empty_root);
  expect(published.roots_by_size.length).toBeGreaterThan(0);
  for (const [at, root] of published.roots_by_size.entries()) {
    expect(hex(await rootOfPeaks(await peaksOf(leaves.slice(0, at + 1))))).toBe(root);
  }
});

interface Probe {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string;
  readonly leafHash: string;
  readonly proof: string[] | null;
  readonly wantErr: boolean;
}

interface Growth {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: string[] | null;
  readonly wantErr: boolean;
}

const bytesOf = (text: string | null) => Buffer.from(text ?? '', 'base64');

function casesIn(folder: string): { file: string; text: string }[] {
  const files = readdirSync(referenceUrl(folder), { recursive: true, encoding: 'utf8' });
  const cases = files.filter((file) => file.endsWith('.json'));
  expect(cases.length).toBeGreaterThan(50);
  return cases.map((file) => ({ file, text: readReference(`${folder}/${encodeURI(file)}`) }));
}

const probes = 'vectors/merkle/testdata/inclusion';

referenceTest(probes, 'the verifier judges inclusion proofs as published', async () => {
  for (const { file, text } of casesIn(probes)) {
    const value = JSON.parse(text) as Probe;
    const accepted = await provesInclusion({
      index: value.leafIdx,
      size: value.treeSize,
      leaf: bytesOf(value.leafHash),
      path: (value.proof ?? []).map(bytesOf),
      root: bytesOf(value.root),
    });
    expect([file, accepted]).toEqual([file, !value.wantErr]);
  }
});

const growths = 'vectors/merkle/testdata/consistency';

referenceTest(growths, 'the verifier judges consistency proofs as published', async () => {
  for (const { file, text } of casesIn(growths)) {
    const value = JSON.parse(text) as Growth;
    const accepted = await provesConsistency({
      from: value.size1,
      size: value.size2,
      fromRoot: bytesOf(value.root1),
      root: bytesOf(value.root2),
      path: (value.proof ?? []).map(bytesOf),
    });
    expect([file, accepted]).toEqual([file, !value.wantErr]);
  }
});

const witness = 'vectors/sunlight/cmd/skylight/testdata/witness';
const logIn = (folder: string) => {
  const [log = ''] = readdirSync(referenceUrl(folder)).filter((name) => name.startsWith('000de'));
  return (path: string) => readFileSync(referenceUrl(`${folder}/${log}/${path}`));
};

referenceTest(
  witness,
  'published cosignatures hold, and not for another time or tree',
  async () => {
    for (const [folder, file] of [
      [witness, 'witness.v0.json'],
      [`${witness}/mirror`, 'mirror.v0.json'],
    ] as const) {
      const about = JSON.parse(readReference(`${folder}/${file}`)) as { verifier_keys: string[] };
      const known = await verifiers(about.verifier_keys);
      const note = logIn(folder)('checkpoint').toString();
      const opened = await openNote(note, known);
      expect(opened).toMatchObject({ opened: true, signatures: [{ seconds: 1_767_139_200 }] });
      const [line = ''] = /— (?:witness|mirror)\.example\.org .*/.exec(note) ?? [];
      const signature = Buffer.from(line.split(' ')[2] ?? '', 'base64');
      for (let at = 4; at < signature.length; at += 1) {
        const other = Buffer.from(signature);
        other[at] = (other[at] ?? 0) ^ 1;
        const changed = note.replace(signature.toString('base64'), other.toString('base64'));
        expect(await openNote(changed, known)).toMatchObject({ opened: false });
      }
      expect(await openNote(note.replace('\n300\n', '\n301\n'), known)).toMatchObject({
        opened: false,
      });
    }
  },
);

referenceTest(witness, 'a published log of 300 leaves has these tiles and this root', async () => {
  const read = logIn(`${witness}/mirror`);
  const note = read('checkpoint').toString();
  const { size = 0, root } = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1)) ?? {};
  expect(size).toBe(300);
  const tile = (level: number, index: number, width: number) =>
    hashesOfTile(read(tilePath(level, index, width))) ?? [];
  const [first, second] = [tile(0, 0, 256), tile(0, 1, 44)];
  expect(tile(1, 0, 1)).toEqual([await rootOfPeaks(await peaksOf(first))]);
  expect(await rootOfPeaks(await peaksOf([...first, ...second]))).toEqual(root);
  // What lies there as its entries only stands for them; it tells that bundles may be compressed.
  const bundle = gunzipSync(read(tilePath('entries', 0, 256))).toString();
  expect(bundle).toContain('fake mirrored en');
  expect(entriesOfBundle(Buffer.from(bundle))).toBeUndefined();
});
