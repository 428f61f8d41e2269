import { readFileSync, readdirSync } from 'node:fs';
import { expect } from '@jest/globals';
import {
  inclusionPath,
  leafHash,
  nodesOfTile,
  parseCheckpoint,
  rootOf,
  tilePathOf,
  tilesOf,
  type TilePlace,
} from '../../src/transparency/index.ts';
import { readReference, referenceTest, referenceUrl } from '../support/reference.ts';
import { verifiesConsistency } from '../support/verify-consistency.ts';
import { verifiesInclusion } from '../support/verify-inclusion.ts';

const roots = 'vectors/extracted/rfc6962-roots.json';

referenceTest(roots, 'the roots of the Certificate Transparency reference trees', () => {
  const published = JSON.parse(readReference(roots)) as {
    leaf_inputs_hex: string[];
    empty_root: string;
    roots_by_size: string[];
  };
  const leaves = published.leaf_inputs_hex.map((hex) => leafHash(Buffer.from(hex, 'hex')));
  expect(rootOf([]).toString('hex')).toBe(published.empty_root);
  expect(published.roots_by_size.length).toBeGreaterThan(0);
  for (const [i, root] of published.roots_by_size.entries()) {
    expect(rootOf(leaves.slice(0, i + 1)).toString('hex')).toBe(root);
    expect(inclusionPath(leaves.slice(0, i + 1), i).length).toBeLessThanOrEqual(3);
  }
});

interface Probe {
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
  proof: string[] | null;
  wantErr: boolean;
}

const probes = 'vectors/merkle/testdata/inclusion';

referenceTest(probes, 'the published inclusion proofs are accepted and refused as they say', () => {
  const files = readdirSync(referenceUrl(probes), { recursive: true, encoding: 'utf8' });
  const cases = files.filter((file) => file.endsWith('.json'));
  expect(cases.length).toBeGreaterThan(50);
  for (const file of cases) {
    const probe = JSON.parse(readReference(`${probes}/${encodeURI(file)}`)) as Probe;
    const bytes = (text: string | null) => Buffer.from(text ?? '', 'base64');
    const accepted = verifiesInclusion({
      index: probe.leafIdx,
      size: probe.treeSize,
      leaf: bytes(probe.leafHash),
      path: (probe.proof ?? []).map(bytes),
      root: bytes(probe.root),
    });
    expect([file, accepted]).toEqual([file, !probe.wantErr]);
  }
});

interface Growth {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
}

const growths = 'vectors/merkle/testdata/consistency';

referenceTest(
  growths,
  'the published consistency proofs are accepted and refused as they say',
  () => {
    const files = readdirSync(referenceUrl(growths), { recursive: true, encoding: 'utf8' });
    const cases = files.filter((file) => file.endsWith('.json'));
    expect(cases.length).toBeGreaterThan(50);
    for (const file of cases) {
      const growth = JSON.parse(readReference(`${growths}/${encodeURI(file)}`)) as Growth;
      const bytes = (text: string | null) => Buffer.from(text ?? '', 'base64');
      const accepted = verifiesConsistency({
        first: growth.size1,
        second: growth.size2,
        firstRoot: bytes(growth.root1),
        secondRoot: bytes(growth.root2),
        path: (growth.proof ?? []).map(bytes),
      });
      expect([file, accepted]).toEqual([file, !growth.wantErr]);
    }
  },
);

const mirror = 'vectors/sunlight/cmd/skylight/testdata/witness/mirror';

referenceTest(
  mirror,
  'a published log of 300 leaves has our tiles, at our paths, under its checkpoint',
  () => {
    const [log = ''] = readdirSync(referenceUrl(mirror)).filter((name) => name.startsWith('000de'));
    const read = (path: string) => readFileSync(referenceUrl(`${mirror}/${log}/${path}`));
    const { size = 0, root } = parseCheckpoint(noteText(read('checkpoint').toString())) ?? {};
    expect(size).toBe(300);
    const hashesIn = (tile: TilePlace) => {
      const bytes = read(`tile/${String(tile.level)}/${tilePathOf(tile)}`);
      return Array.from({ length: bytes.length / 32 }, (_, i) =>
        bytes.subarray(i * 32, i * 32 + 32),
      );
    };
    // Its entries are packed by a format of its own: the leaf hashes are what is common.
    const leaves = tilesOf(size)
      .filter(({ level }) => level === 0)
      .flatMap(hashesIn);
    expect(rootOf(leaves)).toEqual(root);
    for (const tile of tilesOf(size)) {
      const { level, from, to } = nodesOfTile(tile);
      const hashes = Array.from({ length: to - from }, (_, i) => {
        const first = (from + i) * 2 ** level;
        return rootOf(leaves.slice(first, first + 2 ** level));
      });
      expect(hashesIn(tile)).toEqual(hashes);
    }
  },
);

const noteText = (note: string) => note.slice(0, note.indexOf('\n\n') + 1);
