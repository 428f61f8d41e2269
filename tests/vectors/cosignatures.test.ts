import { expect } from '@jest/globals';
import { findCosignature, parseCosignerKey } from '../../src/transparency/index.ts';
import { readReference, referenceTest } from '../support/reference.ts';
import { textOf, timesCosigned } from '../witness/cosigned.ts';

interface Vectors {
  readonly cosigned_example: string;
  readonly cosigned_message: string;
}
const vectors = 'vectors/extracted/checkpoint-body.json';
referenceTest(vectors, 'what is signed is what tlog-cosignature shows', () => {
  const { cosigned_example: example, cosigned_message: message } = JSON.parse(
    readReference(vectors),
  ) as Vectors;
  const [head, time, ...body] = message.split('\n');
  expect([head, time, body.join('\n')]).toEqual([
    'cosignature/v1',
    'time 1679315147',
    textOf(example),
  ]);
  const shown = Buffer.from(example.trimEnd().split('\n').at(-1)!.split(' ')[2]!, 'base64');
  expect(Number(shown.readBigUInt64BE(4))).toBe(1_679_315_147);
});

const published = 'vectors/sunlight/cmd/skylight/testdata/witness';
const tree = `${published}/000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706`;

referenceTest(published, 'the cosignatures of another witness and a mirror are valid', () => {
  for (const [folder, keys] of [
    [tree, `${published}/witness.v0.json`],
    [
      `${published}/mirror/000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706`,
      `${published}/mirror/mirror.v0.json`,
    ],
  ]) {
    const note = readReference(`${folder}/checkpoint`);
    const [vkey = ''] = (JSON.parse(readReference(keys!)) as { verifier_keys: string[] })
      .verifier_keys;
    const found = findCosignature(note, parseCosignerKey(vkey)!);
    expect(found).toMatchObject({ line: expect.stringContaining(vkey.split('+')[0]!) });
    expect(timesCosigned(found!.line, textOf(note), vkey)).toEqual([found!.second]);
    expect(
      findCosignature(note.replace('\n300\n', '\n301\n'), parseCosignerKey(vkey)!),
    ).toBeUndefined();
  }
});
