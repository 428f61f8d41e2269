import { readdirSync } from 'node:fs';
import { expect } from '@jest/globals';
import { inclusionPath, leafHash, rootOf } from '../../src/transparency/index.ts';
import { readReference, referenceTest, referenceUrl } from '../support/reference.ts';
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
