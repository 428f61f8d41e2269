import { createHmac } from 'node:crypto';
import {
  checkpointText,
  inclusionPath,
  leafHash,
  noteSigner,
  rootOf,
  signNote,
} from '../../src/transparency/index.ts';
import { canonical, host, seed, sha256 } from './given.ts';

/** A person's accounting of one log over two days, made here with Node and the writing side. */

export const origin = `${host}/log/Asqsn-BstO4eGRe9ZQztHQ`;
const secret = sha256('the secret of the customer');
const subject = 'cus_1';
const text = (bytes: Buffer) => bytes.toString('base64url');
const nameOn = (day: string, of = secret) =>
  createHmac('sha256', of).update(`${origin}\n${day}`).digest();

interface Leaf {
  readonly name: Buffer;
  readonly entries: readonly number[];
}

/** The tree of a day: its digest's facts and what opens leaves of it. */
function dayTree(leaves: readonly Leaf[]) {
  const sorted = leaves.toSorted((one, other) => Buffer.compare(one.name, other.name));
  const facts = sorted.map(({ name, entries }) => {
    const [count, eights] = [Buffer.alloc(4), Buffer.alloc(entries.length * 8)];
    count.writeUInt32BE(entries.length);
    for (const [i, index] of entries.entries()) eights.writeBigUInt64BE(BigInt(index), i * 8);
    return {
      name,
      count: entries.length,
      hash: sha256(eights),
      bytes: [name, count, sha256(eights)],
    };
  });
  const hashes = facts.map(({ bytes }) => sha256(Buffer.of(0), ...bytes));
  return {
    size: hashes.length,
    root: text(rootOf(hashes)),
    /** The leaf of this name, or those between which it would stand. */
    around: (name: Buffer) => {
      const after = facts.findIndex((one) => Buffer.compare(one.name, name) >= 0);
      const at = after < 0 ? facts.length : after;
      const places = facts[at]?.name.equals(name) ? [at] : [at - 1, at];
      return places.flatMap((position) => {
        const fact = facts[position];
        const path = fact ? inclusionPath(hashes, position).map(text) : [];
        const { name: of = name, count = 0, hash = name } = fact ?? {};
        return fact ? [{ pseudonym: text(of), position, count, entries: text(hash), path }] : [];
      });
    },
  };
}

function disclosure(records: readonly (readonly [subject: string, record: string])[], at: string) {
  const leaves = records.map(([id, record], i) => {
    const salt = sha256(`salt ${String(i)} of ${at}`).subarray(0, 16);
    const hash = sha256(Buffer.of(0), salt, id, Buffer.of(0), record);
    return { id, record, salt, hash };
  });
  const hashes = Buffer.concat(leaves.map(({ hash }) => hash));
  const subjects = { digest: text(sha256(Buffer.of(2), hashes)), size: leaves.length };
  const entry = canonical({ at, channel: 'pull', recipient: 'studio', subjects, v: 1 });
  const own = leaves.flatMap(({ id, record, salt }, place) =>
    id === subject ? [{ place, salt: text(salt), key: 'k-1', record }] : [],
  );
  return { entry, leafHashes: text(hashes), own };
}

/** The lines: `shown` are the entries that are told of, `of` is the secret that it is made with. */
export function givenAccounting({ shown = [0, 4], of = secret } = {}): string[] {
  const [first, second] = ['2026-11-22', '2026-11-23'];
  const strangers = Array.from({ length: 5 }, (_, i) => sha256(`stranger ${String(i)}`));
  const pages = [
    disclosure(
      [
        ['cus_0', '{"a":1}'],
        [subject, '{"b":2}'],
        [subject, '{"c":3}'],
      ],
      `${first}T09:00:00.000Z`,
    ),
    disclosure([['cus_0', '{"a":1}']], `${first}T10:00:00.000Z`),
    disclosure([[subject, '{"b":4}']], '2026-11-24T08:00:00.000Z'),
  ];
  const trees = [
    dayTree([
      { name: nameOn(first), entries: [0, 0] },
      ...strangers.map((one) => ({ name: nameOn(first, one), entries: [0, 1] })),
    ]),
    dayTree(strangers.map((one) => ({ name: nameOn(second, one), entries: [2] }))),
  ] as const;
  const digestOf = (day: string, at: number, [from, to]: readonly [number, number]) => {
    const { root = '', size = 0 } = trees[at] ?? {};
    const facts = { day, event: 'subjects-digest', from, log: origin, root, size, to, v: 1 };
    return canonical({ ...facts, at: `2026-11-24T00:00:0${String(at)}.000Z` });
  };
  const entries = [
    pages[0]?.entry ?? '',
    pages[1]?.entry ?? '',
    digestOf(first, 0, [0, 2]),
    digestOf(second, 1, [2, 3]),
    pages[2]?.entry ?? '',
  ];
  const leaves = entries.map((entry) => leafHash(Buffer.from(entry)));
  const signed = { origin, size: leaves.length, root: rootOf(leaves) };
  const checkpoint = signNote(checkpointText(signed), noteSigner(host, seed));
  const path = (index: number) => inclusionPath(leaves, index).map(text);
  const told = [0, 4].filter((index) => shown.includes(index));
  const lines = [
    {
      accounting: 1,
      customer: 'c-1',
      madeAt: '2026-11-24T09:00:00.000Z',
      secret: text(of),
      logs: 1,
    },
    {
      ...{ log: origin, recipient: 'studio', name: 'Studio', subject, checkpoint },
      first: { entry: entries[0], path: path(0) },
    },
    ...trees.map((tree, i) => ({
      ...{ digest: entries[i + 2], index: i + 2, path: path(i + 2) },
      leaves: tree.around(nameOn(i === 0 ? first : second, of)),
    })),
    ...told.map((index) => {
      const { entry = '', ...opening } = pages[index === 0 ? 0 : 2] ?? {};
      return { disclosure: entry, index, path: path(index), ...opening };
    }),
    { end: true, disclosures: told.length },
  ];
  return lines.map((line) => JSON.stringify(line));
}
