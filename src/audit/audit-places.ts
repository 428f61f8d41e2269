import type { Database } from '../platform/database.ts';
import { appendLeaves, rootOfFrontier, type TreeNode } from '../transparency/index.ts';
import type { AuditedLog } from './audit-store.ts';
import { findFormerNames, findPlacesOf, type AuditedPlace } from './place-store.ts';

/** Grows a log's tree and stops at each size that a beat of the head log showed of it. */
export interface PlaceAudit {
  /** Puts leaves behind the tree; `wrong` is about the first place up to there that does not fit. */
  grow(leaves: readonly Buffer[]): Promise<{ completed: TreeNode[]; wrong: string | undefined }>;
  /** What is wrong with the places that are left when the log ends. */
  end(): Promise<string | undefined>;
  /** The right edge of the tree so far. */
  readonly frontier: readonly Buffer[];
  /** So many places were compared. */
  readonly compared: number;
}

const placesAtOnce = 2048;

/** Compares the places of a log, at so many beats, with the roots and names that it really had. */
export async function auditPlaces(
  db: Database,
  log: AuditedLog,
  beats: number,
): Promise<PlaceAudit> {
  const names = await findFormerNames(db, log.recipientId);
  const nameAt = (size: number) => names.find((one) => size <= one.size)?.origin ?? log.origin;
  const places = placesInOrder(db, log.recipientId, beats);
  let next = await places.next();
  let compared = 0;
  let tree: { size: number; frontier: readonly Buffer[] } = { size: 0, frontier: [] };
  const add = (leaves: readonly Buffer[]): TreeNode[] => {
    const { frontier, completed } = appendLeaves(tree.size, tree.frontier, leaves);
    tree = { size: tree.size + leaves.length, frontier };
    return completed;
  };
  const grow: PlaceAudit['grow'] = async (leaves) => {
    const start = tree.size;
    const completed: TreeNode[] = [];
    while (!next.done && next.value.size <= start + leaves.length) {
      const { beat, origin, size, root } = next.value;
      const shows = `beat ${String(beat)} shows`;
      if (size < tree.size) {
        return { completed, wrong: `${shows} fewer of its entries than a beat before` };
      }
      completed.push(...add(leaves.slice(tree.size - start, size - start)));
      if (!rootOfFrontier(tree.frontier).equals(root)) {
        return { completed, wrong: `${shows} another root of its first ${String(size)} entries` };
      }
      if (origin !== nameAt(size)) {
        return { completed, wrong: `beat ${String(beat)} has it under another name` };
      }
      compared += 1;
      next = await places.next();
    }
    completed.push(...add(leaves.slice(tree.size - start)));
    return { completed, wrong: undefined };
  };
  return {
    grow,
    end: async () => {
      const { wrong } = await grow([]);
      if (wrong !== undefined || next.done) return wrong;
      const { beat, size } = next.value;
      return `beat ${String(beat)} shows ${String(size)} entries, more than it has`;
    },
    get frontier() {
      return tree.frontier;
    },
    get compared() {
      return compared;
    },
  };
}

async function* placesInOrder(
  db: Database,
  recipientId: string,
  beats: number,
): AsyncGenerator<AuditedPlace, undefined> {
  for (let from = 0; ;) {
    const some = await findPlacesOf(db, recipientId, { from, to: beats, limit: placesAtOnce });
    yield* some;
    const last = some.at(-1);
    if (!last || some.length < placesAtOnce) return undefined;
    from = last.beat + 1;
  }
}
