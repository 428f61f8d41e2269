import { findEvidence, findEvidenceAt } from '../archive/index.ts';
import { findCustomersOfNumbers, type KeptEntry, type PageFilters } from '../logs/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { disclosureId, entryIdOf } from '../transparency/index.ts';
import { UnknownDisclosure } from './disclosure.ts';
import { byPlace, decodeAscending } from '../platform/ascending.ts';
import { payloadHash, saltOf, subjectHash, type SubjectLeaf } from './entry-rules.ts';

/** An entry with all that is kept beside it, to find out again what was sent. */
export interface Evidence {
  readonly id: string;
  readonly index: number;
  /** The entry as it stands in the log. */
  readonly entry: string;
  /** What the page was narrowed to; null where it was not. */
  readonly filters: PageFilters | null;
  /** One for each record that was sent; null: the customer of its number is gone. */
  readonly subjects: readonly { readonly customerId: string | null }[];
  /** 32 bytes for each subject, in their order. */
  readonly leafHashes: Buffer;
  /** The salt of a subject's leaf, by its place from 0; null: it is erased. */
  readonly saltOf: (place: number) => Buffer | null;
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
  const numbers = decodeAscending(found.numbers);
  return evidenceOf(found, await findCustomersOfNumbers(tools.db, recipientId, numbers));
}

/** The same for entries by their indices, in order. */
export async function readEvidenceAt(
  tools: Pick<Tools, 'db' | 'settings'>,
  { recipientId, indices }: { recipientId: string; indices: readonly number[] },
): Promise<Evidence[]> {
  const found = await findEvidenceAt(tools, recipientId, indices);
  const numbers = found.flatMap((one) => decodeAscending(one.numbers));
  const customers = await findCustomersOfNumbers(tools.db, recipientId, numbers);
  return found.map((one) => evidenceOf(one, customers));
}

function evidenceOf(found: KeptEntry, customers: ReadonlyMap<number, string>): Evidence {
  const { entry, leafHashes, filters } = found;
  const erased = decodeAscending(found.erased ?? Buffer.alloc(0));
  const numbers = byPlace(decodeAscending(found.numbers), erased);
  const { payload } = JSON.parse(entry) as { payload: string };
  return {
    id: disclosureId(found.entryId),
    index: found.index,
    entry,
    filters,
    subjects: numbers.map((number) => ({
      customerId: (number === undefined ? undefined : customers.get(number)) ?? null,
    })),
    leafHashes,
    saltOf: (place) => saltOf(found, place + 1),
    isSubject: (place, leaf) => {
      const salt = saltOf(found, place + 1);
      const hash = leafHashes.subarray(place * 32, (place + 1) * 32);
      return salt !== null && subjectHash(salt, leaf).equals(hash);
    },
    isBody: (body) => {
      const salt = saltOf(found, 0);
      return salt !== null && payloadHash(salt, body) === payload;
    },
  };
}
