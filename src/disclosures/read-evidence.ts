import { findEvidence } from '../archive/index.ts';
import { findCustomersOfNumbers, type PageFilters } from '../logs/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { entryIdOf } from '../transparency/index.ts';
import { UnknownDisclosure } from './disclosure.ts';
import {
  decodeNumbers,
  payloadHash,
  saltsOf,
  subjectHash,
  type SubjectLeaf,
} from './entry-rules.ts';

/** An entry with all that is kept beside it, to find out again what was sent. */
export interface Evidence {
  /** The entry as it stands in the log. */
  readonly entry: string;
  /** What the page was narrowed to; null where it was not. */
  readonly filters: PageFilters | null;
  /** One for each record that was sent; null: the customer of its number is gone. */
  readonly subjects: readonly { readonly customerId: string | null }[];
  /** Whether these are the bytes that were sent for a subject, by its place from 0. */
  readonly isSubject: (place: number, leaf: SubjectLeaf) => boolean;
  /** Whether this is the body that was sent. */
  readonly isBody: (body: Buffer) => boolean;
}

/** Opens an entry of a recipient's log for the operator. Throws Refusal `unknown-disclosure`. */
export async function readEvidence(
  tools: Pick<Tools, 'db' | 'settings'>,
  { recipientId, id }: { recipientId: string; id: string },
): Promise<Evidence> {
  const entryId = entryIdOf(id);
  const found = entryId === undefined ? undefined : await findEvidence(tools, recipientId, entryId);
  if (!found) throw new Refusal(UnknownDisclosure);
  const { entry, secret, leafHashes, filters } = found;
  const numbers = decodeNumbers(found.numbers);
  const customers = await findCustomersOfNumbers(tools.db, recipientId, numbers);
  const salts = saltsOf(secret, numbers.length);
  const saltOf = (block: number) => salts.subarray(block * 16, (block + 1) * 16);
  const { payload } = JSON.parse(entry) as { payload: string };
  return {
    entry,
    filters,
    subjects: numbers.map((number) => ({ customerId: customers.get(number) ?? null })),
    isSubject: (place, leaf) =>
      subjectHash(saltOf(place + 1), leaf).equals(
        leafHashes.subarray(place * 32, (place + 1) * 32),
      ),
    isBody: (body) => payloadHash(saltOf(0), body) === payload,
  };
}
