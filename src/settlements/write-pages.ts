import { createHash } from 'node:crypto';
import { findLinesById, type LineId } from '../fees/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import type { Transaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { findRelationshipsOfCustomers, type Relationship } from '../relationships/index.ts';
import { findClosedLines, insertPage, type ClosedLine, type Closing } from './closing-store.ts';
import { closedLineText, isShownInFull } from './fee-wire-rules.ts';
import { linesOfPage } from './settlement-store.ts';

/**
 * Writes the lines that a statement states as the partner will read them, a page at a time, so that
 * memory stays flat. Lines of a relationship that is not open any more leave no trace of whose they
 * are. Answers the hash over all: the SHA-256 of the SHA-256 of each text one after another.
 */
export async function writePages(
  tx: Transaction,
  { settings, random }: Pick<Tools, 'settings' | 'random'>,
  closing: Closing,
): Promise<string> {
  const { partnerId, currency } = closing;
  const pairwise = pairwiseOf(settings.keys.pairwise, partnerId);
  const digest = createHash('sha256');
  let firstLine = 0;
  for await (const stated of linesInOrder(tx, closing)) {
    const lineIds = stated.map(({ lineId }) => lineId);
    const found = await findLinesById(tx, partnerId, lineIds);
    const standing = new Map(found.map((line) => [line.lineId, line]));
    const relationships = await relationshipsOf(tx, stated);
    const salts = random.bytes(16 * stated.length);
    const texts = stated.map((one, i) =>
      closedLineText(one, {
        ...{ currency, pairwise, line: standing.get(one.lineId) },
        isShown: isOpen(closing, one, relationships),
        salt: salts.subarray(16 * i, 16 * (i + 1)).toString('base64url'),
      }),
    );
    for (const text of texts) digest.update(createHash('sha256').update(text).digest());
    await insertPage(tx, closing, { firstLine, lines: Buffer.from(texts.join('\n')) });
    firstLine += stated.length;
  }
  return digest.digest('hex');
}

/** A page at a time: the lines of its own period, then the adjustments. */
async function* linesInOrder(tx: Transaction, closing: Closing): AsyncGenerator<ClosedLine[]> {
  let left: ClosedLine[] = [];
  for (const isAdjustment of [false, true]) {
    for (let after: LineId | undefined; ;) {
      const limit = linesOfPage - left.length;
      const found = await findClosedLines(tx, closing, { isAdjustment, after, limit });
      left = [...left, ...found];
      if (left.length === linesOfPage) {
        yield left;
        left = [];
      }
      if (found.length < limit) break;
      after = found.at(-1)?.lineId;
    }
  }
  if (left.length > 0) yield left;
}

/** Relationships by the customer whose they are. */
type Relationships = ReadonlyMap<string, readonly Relationship[]>;

async function relationshipsOf(
  tx: Transaction,
  lines: readonly ClosedLine[],
): Promise<Relationships> {
  const customerIds = lines.flatMap(({ customerId }) => (customerId ? [customerId] : []));
  const found = await findRelationshipsOfCustomers(tx, [...new Set(customerIds)]);
  const byCustomer = new Map<string, Relationship[]>();
  for (const one of found) {
    byCustomer.set(one.customerId, [...(byCustomer.get(one.customerId) ?? []), one]);
  }
  return byCustomer;
}

function isOpen(
  { partnerId }: Closing,
  { customerId, serviceId, settledAt, occurredAt }: ClosedLine,
  relationships: Relationships,
): boolean {
  if (!customerId || !serviceId || !settledAt || !occurredAt) return false;
  const line = { partnerId, customerId, serviceId, settledAt, occurredAt };
  return isShownInFull(line, relationships.get(customerId) ?? []);
}
