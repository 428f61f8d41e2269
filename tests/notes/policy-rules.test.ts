import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePolicy } from '../../src/notes/index.ts';
import { givenWitness, headKey, hostKey } from '../verification/given.ts';

const names = ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'];
const keys = new Map(names.map((name) => [name, givenWitness(`${name}.example`).key]));
const keyOf = (name: string) => keys.get(name) ?? '';
const lineOf = (name: string) => `witness ${name} ${keyOf(name)}`;
const [x1, y1] = [lineOf('X1'), lineOf('Y1')];

/** The example of the specification, with comments, tabs and URLs. */
const example = [
  '# Two operators must agree.',
  `log ${headKey} https://sluice.example/log/head`,
  '',
  ...['X1', 'X2', 'X3'].map(lineOf),
  'group X-witnesses 2 X1 X2 X3',
  ...['Y1', 'Y2', 'Y3'].map(
    (name) => ` \t${lineOf(name).replaceAll(' ', '\t')}  https://y.example/ `,
  ),
  'group Y-witnesses any Y1 Y2 Y3',
  '\tgroup X-and-Y  all X-witnesses Y-witnesses',
  '   # The quorum comes last.',
  'quorum X-and-Y',
  '',
].join('\n');

async function policyOf(text: string | Uint8Array) {
  const read = await parsePolicy(text);
  if (!read.parsed) throw new Error(`line ${read.line}: ${read.because}`);
  return read.policy;
}

test('the quorum of the specification’s example counts as it says, for every set of cosigners', async () => {
  const policy = await policyOf(example);
  expect(policy).toMatchObject({ quorum: 'X-and-Y', logs: [{ type: 1 }] });
  for (let set = 0; set < 64; set += 1) {
    const cosigners = policy.witnesses.filter((_, i) => Math.floor(set / 2 ** i) % 2 === 1);
    const from = (letter: string) => cosigners.filter(({ name }) => name.startsWith(letter)).length;
    expect(policy.isMetBy(cosigners)).toBe(from('X') >= 2 && from('Y') >= 1);
  }
});

test('what is wrong is told with its line', async () => {
  const other = givenWitness('X1').key;
  const renamed = `again${other.slice(other.indexOf('+'))}`;
  const wrong: readonly (readonly [lines: readonly string[], line: number, because: string])[] = [
    [[''], 1, 'there is no quorum line'],
    [['# quorum none', ''], 2, 'there is no quorum line'],
    [['quorum none'], 1, 'does not end with a newline'],
    [['quorum none', 'quorum none', ''], 2, 'second quorum line'],
    [['quorum', ''], 1, 'it is not "quorum <name>"'],
    [['quorum none none', ''], 1, 'it is not "quorum <name>"'],
    [['quorum X1', x1, ''], 1, '"X1" is not defined above it'],
    [['Log x', ''], 1, '"Log" is none of'],
    [['log', ''], 1, 'it is not "log'],
    [['log x', ''], 1, 'type 1'],
    [[`log ${other}`, ''], 1, 'type 1'],
    [[`log ${headKey} https://a.example b`, ''], 1, 'it is not "log'],
    [[`log ${headKey}`, `log ${hostKey}`, ''], 2, 'another log line has the same key'],
    [['witness X1', ''], 1, 'it is not "witness'],
    [[`witness X1 ${hostKey}`, ''], 1, 'type 4'],
    [[`witness none ${other}`, ''], 1, '"none" has its own meaning'],
    [[x1, `witness X1 ${other}`, ''], 2, '"X1" is already defined'],
    [[x1, `witness Z ${keyOf('X1')}`, ''], 2, 'another witness line has the same key'],
    [[`witness Z ${renamed}`, ''], 1, 'type 4'],
    [[x1, 'group X1 all X1', ''], 2, '"X1" is already defined'],
    [[x1, 'group none all X1', ''], 2, '"none" has its own meaning'],
    [[x1, 'group G all', ''], 2, 'it is not "group'],
    [[x1, 'group G all none', ''], 2, '"none" is not defined above it'],
    [[x1, 'group G all G', ''], 2, '"G" is not defined above it'],
    [[x1, 'group G 0 X1', ''], 2, 'a number from 1 to 1'],
    [[x1, 'group G 2 X1', ''], 2, 'a number from 1 to 1'],
    [[x1, 'group G 01 X1', ''], 2, 'a number from 1 to 1'],
    [[x1, 'group G Any X1', ''], 2, 'a number from 1 to 1'],
    [[x1, 'group G any X1 X1', ''], 2, '"X1" is already a member of a group'],
    [[x1, y1, 'group G any X1', 'group H any Y1 X1', ''], 4, '"X1" is already a member'],
    [['quorum none\r', ''], 1, 'control character'],
    [['# \u007f', ''], 1, 'control character'],
  ];
  for (const [lines, line, because] of wrong) {
    expect([lines, await parsePolicy(lines.join('\n'))]).toEqual([
      lines,
      { parsed: false, line, because: expect.stringContaining(because) },
    ]);
  }
});

test('names are octets: a Kelvin sign is no K, and bytes that are no UTF-8 are names as well', async () => {
  const twin = givenWitness('K.example').key;
  const two = await policyOf(`witness K ${keyOf('X1')}\nwitness \u212a ${twin}\nquorum \u212a\n`);
  expect(two.quorum).toBe('\u212a');
  expect(two.isMetBy(two.witnesses.slice(0, 1))).toBe(false);
  expect(two.isMetBy(two.witnesses.slice(1))).toBe(true);
  const [odd, nextOdd] = [Buffer.of(0xff), Buffer.of(0xfe)];
  const line = (name: Buffer, rest: string) =>
    Buffer.concat([Buffer.from('witness '), name, Buffer.from(rest)]);
  const text = Buffer.concat([
    line(odd, ` ${keyOf('X1')}\n`),
    line(nextOdd, ` ${keyOf('X2')}\n# \ufeff\u0085\u00a0\nquorum `),
    nextOdd,
    Buffer.from('\n'),
  ]);
  const policy = await policyOf(text);
  expect(policy.isMetBy(policy.witnesses.slice(0, 1))).toBe(false);
  expect(policy.isMetBy(policy.witnesses.slice(1))).toBe(true);
});

test('a hundred logs, witnesses and groups are no burden', async () => {
  const all = Array.from({ length: 100 }, (_, i) => givenWitness(`w${i}`));
  const lines = all.flatMap(({ key }, i) => [
    `witness w${i} ${key}`,
    i === 0 ? 'group g0 all w0' : `group g${i} all g${i - 1} w${i}`,
  ]);
  const policy = await policyOf([...lines, 'quorum g99', ''].join('\n'));
  expect(policy.isMetBy(policy.witnesses)).toBe(true);
  expect(policy.isMetBy(policy.witnesses.slice(1))).toBe(false);
});

test('a threshold counts members, whatever their number', async () => {
  const all = Array.from({ length: 8 }, (_, i) => givenWitness(`w${i}`));
  const lines = all.map(({ name, key }) => `witness ${name} ${key}`);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.uniqueArray(fc.nat({ max: 7 })),
      async (k, chosen) => {
        const group = `group G ${k} ${all.map(({ name }) => name).join(' ')}`;
        const policy = await policyOf([...lines, group, 'quorum G', ''].join('\n'));
        const cosigners = policy.witnesses.filter((_, i) => chosen.includes(i));
        expect(policy.isMetBy(cosigners)).toBe(chosen.length >= k);
      },
    ),
    { numRuns: 50 },
  );
});
