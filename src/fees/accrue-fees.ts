import { findPartner, findPartners, UnknownPartner, type PartnerId } from '../partners/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { deleteLines, findFingerprints, lockComputation, upsertLines } from './accrual-store.ts';
import { computeLines, type ComputedLines } from './compute-lines.ts';
import { fingerprintOf } from './line-rules.ts';

/** What a computation did to the lines that stood before. */
export interface AccrualReport {
  readonly partnerKey: string;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Drafts that nothing supports any more. */
  readonly withdrawn: number;
}

/**
 * Computes and stores the lines of one partner, or of every partner, each in a transaction of its
 * own that sees one snapshot. Nothing is closed yet: a line that comes out different replaces its
 * draft. Run twice it changes nothing. Refuses an unknown partner.
 */
export async function accrueFees(
  tools: Tools,
  { partnerId }: { partnerId?: PartnerId | undefined },
): Promise<AccrualReport[]> {
  const reports: AccrualReport[] = [];
  for (const partner of await partnersOf(tools, partnerId)) {
    const counts = await inTransaction(tools.db, async (tx) => {
      await tx.raw('set transaction isolation level repeatable read');
      await lockComputation(tx, partner.id, tools.clock.now());
      return storeLines(tx, partner.id);
    });
    reports.push({ partnerKey: partner.key, ...counts });
  }
  return reports;
}

async function partnersOf(tools: Tools, partnerId: PartnerId | undefined) {
  if (partnerId === undefined) return findPartners(tools.db);
  const partner = await findPartner(tools.db, partnerId);
  if (!partner) throw new Refusal(UnknownPartner);
  return [partner];
}

type Counts = Omit<AccrualReport, 'partnerKey'>;

async function storeLines(tx: Transaction, partnerId: PartnerId): Promise<Counts> {
  let total: Counts = { new: 0, changed: 0, unchanged: 0, withdrawn: 0 };
  for await (const computed of computeLines(tx, partnerId)) {
    const counts = await storeChunk(tx, partnerId, computed);
    total = {
      new: total.new + counts.new,
      changed: total.changed + counts.changed,
      unchanged: total.unchanged + counts.unchanged,
      withdrawn: total.withdrawn + counts.withdrawn,
    };
  }
  return total;
}

async function storeChunk(
  tx: Transaction,
  partnerId: PartnerId,
  { customerIds, lines }: ComputedLines,
): Promise<Counts> {
  const standing = await findFingerprints(tx, partnerId, customerIds);
  const due = lines.filter((line) => standing.get(line.lineId) !== fingerprintOf(line));
  const computed = new Set(lines.map(({ lineId }) => lineId));
  const surplus = [...standing.keys()].filter((lineId) => !computed.has(lineId));
  await deleteLines(tx, partnerId, surplus);
  await upsertLines(tx, due);
  const changed = due.filter(({ lineId }) => standing.has(lineId)).length;
  return {
    new: due.length - changed,
    changed,
    unchanged: lines.length - due.length,
    withdrawn: surplus.length,
  };
}
