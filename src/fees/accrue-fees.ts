import { findPartner, findPartners, UnknownPartner, type PartnerId } from '../partners/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  deleteLines,
  findFingerprints,
  findLineIds,
  lockComputation,
  upsertLines,
} from './accrual-store.ts';
import type { LineId } from './accrual.ts';
import { computeLines } from './compute-lines.ts';
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

const idsAtOnce = 10_000;

async function storeLines(tx: Transaction, partnerId: PartnerId): Promise<Counts> {
  const counts = { new: 0, changed: 0, unchanged: 0 };
  const computed = new Set<LineId>();
  for await (const lines of computeLines(tx, partnerId)) {
    const ids = lines.map(({ lineId }) => lineId);
    const standing = await findFingerprints(tx, partnerId, ids);
    const due = lines.filter((line) => standing.get(line.lineId) !== fingerprintOf(line));
    await upsertLines(tx, due);
    const changed = due.filter(({ lineId }) => standing.has(lineId)).length;
    counts.new += due.length - changed;
    counts.changed += changed;
    counts.unchanged += lines.length - due.length;
    for (const id of ids) computed.add(id);
  }
  return { ...counts, withdrawn: await withdrawOthers(tx, partnerId, computed) };
}

/** Deletes the lines that stand and were not computed again; answers how many. */
async function withdrawOthers(
  tx: Transaction,
  partnerId: PartnerId,
  computed: ReadonlySet<LineId>,
): Promise<number> {
  let withdrawn = 0;
  let after: LineId | undefined;
  do {
    const ids = await findLineIds(tx, partnerId, { after, limit: idsAtOnce });
    const surplus = ids.filter((id) => !computed.has(id));
    await deleteLines(tx, partnerId, surplus);
    withdrawn += surplus.length;
    after = ids.length < idsAtOnce ? undefined : ids.at(-1);
  } while (after !== undefined);
  return withdrawn;
}
