import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import {
  checkpointText,
  consistencyPath,
  inclusionPath,
  leafHash,
  noteSigner,
  rootOf,
  signNote,
} from '../../src/transparency/index.ts';

/**
 * The log as Go's checksum database sees it: its `tlog` and `note` packages, which Debian has as
 * golang-golang-x-mod-dev, check every tree, proof and signature of ours.
 */
const library = '/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog';
const hasGo = existsSync(library) && spawnSync('go', ['version']).status === 0;
if (!hasGo)
  process.stdout.write('Skipped: Go and Debian’s golang-golang-x-mod-dev are not here.\n');

const folder = mkdtempSync(join(tmpdir(), 'sluice-go-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const largest = 1_100;
const leaves = Array.from({ length: largest }, (_, i) => leafHash(Buffer.from(`entry ${i}`)));
const signer = noteSigner('log.example', Buffer.alloc(32, 7));
const base64 = (bytes: Buffer) => bytes.toString('base64');

interface Given {
  readonly Key: string;
  readonly Note: string;
  readonly Size: number;
  readonly Root: string;
  readonly Index: number;
  readonly Leaf: string;
  readonly Inclusion: readonly string[];
  readonly From: number;
  readonly FromRoot: string;
  readonly Growth: readonly string[];
}

/** A tree with a proof of one leaf, and of its growth from a smaller one. */
function givenTree(size: number, index: number, from: number): Given {
  const own = leaves.slice(0, size);
  const root = rootOf(own);
  return {
    Key: signer.verifierKey,
    Note: signNote(checkpointText({ origin: 'log.example/1', size, root }), signer),
    Size: size,
    Root: base64(root),
    Index: index,
    Leaf: base64(own[index]!),
    Inclusion: inclusionPath(own, index).map(base64),
    From: from,
    FromRoot: base64(rootOf(own.slice(0, from))),
    Growth: consistencyPath(own, from).map(base64),
  };
}

/** Numbers that look drawn and are the same each time. */
function drawn(seed: number, below: number): number {
  return leafHash(Buffer.from(`draw ${seed}`)).readUInt32BE() % below;
}

/** One bit of one part turned over. */
function flipped(given: Given, seed: number): Given {
  const turn = (text: string) => {
    const bytes = Buffer.from(text, 'base64');
    const bit = drawn(seed, bytes.length * 8);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    return base64(bytes);
  };
  const turnOne = (hashes: readonly string[]) =>
    hashes.map((hash, i) => (i === seed % hashes.length ? turn(hash) : hash));
  const parts: ((given: Given) => Given)[] = [
    (one) => ({ ...one, Leaf: turn(one.Leaf) }),
    (one) => ({ ...one, FromRoot: turn(one.FromRoot) }),
    (one) => ({ ...one, Note: one.Note.replace(/\n(\d+)\n/, (_, n) => `\n${Number(n) + 1}\n`) }),
    (one) => ({
      ...one,
      Note: one.Note.replace(/(— \S+ )(\S+)/, (_, head, signature) => {
        const bytes = Buffer.from(String(signature), 'base64');
        bytes[bytes.length - 1]! ^= 1;
        return String(head) + base64(bytes);
      }),
    }),
    ...(given.Inclusion.length > 0
      ? [(one: Given) => ({ ...one, Inclusion: turnOne(one.Inclusion) })]
      : []),
    ...(given.Growth.length > 0 ? [(one: Given) => ({ ...one, Growth: turnOne(one.Growth) })] : []),
  ];
  return parts[seed % parts.length]!(given);
}

/** What Go says of each. */
function checked(all: readonly Given[]): string[] {
  const program = join(folder, 'check');
  if (!existsSync(program)) {
    const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: folder, GOFLAGS: '' }; // prettier-ignore
    const source = join(import.meta.dirname, 'go', 'check.go');
    execFileSync('go', ['build', '-o', program, source], { env });
  }
  const input = all.map((one) => JSON.stringify(one)).join('\n');
  const said = execFileSync(program, { input, maxBuffer: 1 << 26 }).toString();
  return said.trimEnd().split('\n');
}

(hasGo ? test : test.skip)(
  'Go accepts every tree from 1 to 1,100, its proofs and its note, and refuses each with a bit turned over',
  () => {
    const trees = Array.from({ length: largest }, (_, i) => i + 1).flatMap((size) =>
      [1 + drawn(size, size), Math.max(1, size - 1)].map((from, n) =>
        givenTree(size, drawn(size * 2 + n, size), from),
      ),
    );
    expect(checked(trees).filter((said) => said !== 'ok')).toEqual([]);
    const broken = trees.map((tree, seed) => flipped(tree, seed));
    const said = checked(broken);
    expect(said).toHaveLength(broken.length);
    expect(said.filter((one) => one === 'ok')).toEqual([]);
  },
  120_000,
);
