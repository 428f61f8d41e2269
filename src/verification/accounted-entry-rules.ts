import { leafHash, provesInclusion, utf8, type Checkpoint } from '../notes/index.ts';
import { commitsToLeaves, commitsToSubject, readEntry } from './entry-rules.ts';
import { bytesIn, demand, listIn, pathIn, textIn, wholeIn, type Line } from './line-rules.ts';
import { fails } from './trust-rules.ts';

/** One entry that shows the customer. */
export interface AccountedEntry {
  readonly index: number;
  /** How many of its leaves are the customer's, and how many of these are given and proven. */
  readonly leaves: number;
  readonly opened: number;
}

/** The entry of a log at an index, once it is proven to be there. */
export async function provenEntry(
  text: string,
  { index, line, signed }: { index: number; line: Line; signed: Checkpoint },
): Promise<Line> {
  const { origin, size, root } = signed;
  const where = `entry ${String(index)}`;
  const proof = { index, size, root, leaf: await leafHash(utf8(text)), path: pathIn(line) };
  demand(await provesInclusion(proof), `${where} is not in the tree of ${origin}`);
  return readEntry(text) ?? fails(`${where} of ${origin} is not canonical JSON`);
}

/** A line with an entry of this recipient that shows this customer, with every record that is given. */
export async function provenDisclosure(
  line: Line,
  of: { signed: Checkpoint; subject: string; recipient: string | null },
): Promise<AccountedEntry> {
  const { signed, subject, recipient } = of;
  const index = wholeIn(line, 'index');
  const where = `entry ${String(index)} of ${signed.origin}`;
  const entry = await provenEntry(textIn(line, 'disclosure'), { index, line, signed });
  demand(!('event' in entry), `${where} is no disclosure`);
  const isOwn = recipient === null || entry['recipient'] === recipient;
  demand(isOwn, `${where} is of another recipient`);
  const hashes = bytesIn(line, 'leafHashes');
  const leafHashes = Array.from({ length: Math.ceil(hashes.length / 32) }, (_, at) =>
    hashes.subarray(at * 32, at * 32 + 32),
  );
  const isList = await commitsToLeaves(entry, leafHashes);
  demand(isList, `the leaf hashes of ${where} are not the ones that it commits to`);
  const own = listIn(line, 'own');
  demand(own.length > 0, `${where} shows nothing of the customer`);
  let [last, opened] = [-1, 0];
  for (const leaf of own) {
    const position = wholeIn(leaf, 'place');
    const isInPlace = position > last && position < leafHashes.length;
    demand(isInPlace, `a leaf of ${where} is out of place`);
    last = position;
    if (leaf['record'] === null) continue;
    const [salt, record] = [bytesIn(leaf, 'salt'), utf8(textIn(leaf, 'record'))];
    const given = { pairwiseId: subject, record, salt, position, leafHashes };
    const isRecord = await commitsToSubject(entry, given);
    demand(isRecord, `a record of ${where} is not the one that was disclosed`);
    opened += 1;
  }
  return { index, leaves: own.length, opened };
}
