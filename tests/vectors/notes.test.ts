import { expect } from '@jest/globals';
import {
  checkpointText,
  noteSigner,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  signNote,
} from '../../src/transparency/index.ts';
import { readReference, referenceTest } from '../support/reference.ts';

interface Notes {
  readonly good_vkeys: readonly string[];
  readonly bad_vkeys: readonly string[];
  readonly signer: { readonly skey: string; readonly text: string; readonly want_note: string };
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
const verifiers = (keys: readonly string[]) =>
  keys.map(parseVerifierKey).filter((key) => key !== undefined);

referenceTest(notes, 'verifier keys are read as golang.org/x/mod does', () => {
  const { good_vkeys: good, bad_vkeys: bad } = readNotes();
  expect(verifiers(good)).toHaveLength(good.length);
  expect(verifiers(bad)).toEqual([]);
});

referenceTest(notes, 'no part of a verifier key is a key, nor is one with a byte changed', () => {
  let tried = 0;
  for (const key of readNotes().good_vkeys) {
    for (let from = 0; from < key.length; from += 1) {
      for (let to = from; to <= key.length; to += 1) {
        if (to - from === key.length) continue;
        expect(parseVerifierKey(key.slice(from, to))).toBeUndefined();
        tried += 1;
      }
      const next = String.fromCharCode(key.charCodeAt(from) + 1);
      expect(parseVerifierKey(key.slice(0, from) + next + key.slice(from + 1))).toBeUndefined();
    }
  }
  expect(tried).toBeGreaterThan(6_000);
});

referenceTest(notes, 'a note is signed to the byte', () => {
  const { skey, text, want_note: wanted } = readNotes().signer;
  const [, name = '', key = ''] = /^PRIVATE\+KEY\+([^+]+)\+[0-9a-f]{8}\+(.+)$/.exec(skey) ?? [];
  const seed = Buffer.from(key, 'base64').subarray(1);
  const signer = noteSigner(name, seed);
  expect(signNote(text, signer)).toBe(wanted);
  expect(readNotes().good_vkeys).toContain(signer.verifierKey);
});

referenceTest(notes, 'notes open and stay closed as published', () => {
  const { cases, c2sp_example: example } = readNotes();
  for (const { name, keys, note, note_b64: bytes = '', want } of cases) {
    const opened = openNote(note ?? Buffer.from(bytes, 'base64').toString(), verifiers(keys));
    expect([name, opened.opened]).toEqual([name, want.ok]);
    const { verified, unverified } = want;
    if (want.ok) expect([name, opened]).toMatchObject([name, { verified, unverified }]);
  }
  expect(openNote(example.note, verifiers([example.vkey]))).toMatchObject({ opened: true });
});

const checkpoints = 'vectors/extracted/checkpoint-body.json';

referenceTest(checkpoints, 'checkpoint bodies are written and read as published', () => {
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
  const root = Buffer.from(format.root, 'base64');
  expect(checkpointText({ origin, size: Number(format.size), root })).toBe(golden);
  expect(parseCheckpoint(golden)).toEqual({ origin, size: Number(format.size), root });
  for (const text of bad) expect(parseCheckpoint(text)?.origin).not.toBe(origin);
  expect(parseCheckpoint(cosigned.slice(0, cosigned.indexOf('\n\n') + 1))?.size).toBe(20_852_163);
});
