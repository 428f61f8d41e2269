import type { Database } from '../platform/database.ts';
import { groupBy } from '../platform/group.ts';
import { placeOf, placeRoot } from '../transparency/index.ts';
import type { AuditedEntry, AuditedLog } from './audit-store.ts';
import { findPlaced, findPlacesAmong, type AuditedPlace } from './place-store.ts';

/** The head log is the log of the recipient that nobody is. */
export const headLog = '00000000-0000-0000-0000-000000000000';

/** Follows the entries of the head log and makes the root of each beat again. */
export interface HeadAudit {
  /** What is wrong with an entry or with the places that are kept of it; entries come in order. */
  take(entry: Pick<AuditedEntry, 'index' | 'entry' | 'secret'>): Promise<string | undefined>;
  /** So many beats were compared. */
  readonly compared: number;
}

const rowsAtOnce = 32_768;
const mostBeatsAtOnce = 2048;

/** Keeps in memory how far each log had come, and of the next beats what changed. */
export function auditHeads(db: Database, logs: readonly AuditedLog[]): HeadAudit {
  const known = new Set(logs.map(({ recipientId }) => recipientId));
  known.delete(headLog);
  const beats = logs.find(({ recipientId }) => recipientId === headLog)?.size ?? 0;
  const places = new Map<string, AuditedPlace & { readonly place: number }>();
  const changes = changesByBeat(db, beats);
  let compared = 0;
  return {
    take: async ({ index, entry, secret }) => {
      const changed = await changes(index);
      const { event, root } = JSON.parse(entry) as { event: string; root: string };
      if (event !== 'beat') {
        return changed.length === 0 ? undefined : 'is no beat, but places are kept of it';
      }
      const stranger = changed.find(({ recipientId }) => !known.has(recipientId));
      if (stranger) return `gives a place to log ${stranger.origin}, which is not here`;
      for (const one of changed) {
        const before = places.get(one.recipientId);
        const place = before?.origin === one.origin ? before.place : placeOf(one.origin);
        places.set(one.recipientId, { ...one, place });
      }
      const found = secret && placeRoot(secret, [...places.values()]);
      if (found?.toString('base64url') !== root) {
        const count = `${String(places.size)}, ${String(changed.length)} of them changed here`;
        return `its root is not the one over the places that are kept of the logs (${count})`;
      }
      compared += 1;
      return undefined;
    },
    get compared() {
      return compared;
    },
  };
}

/** What changed at a beat; beats are asked for in order. */
function changesByBeat(
  db: Database,
  beats: number,
): (beat: number) => Promise<readonly AuditedPlace[]> {
  let placed: readonly string[] | undefined;
  let to = 0;
  let byBeat = new Map<number, AuditedPlace[]>();
  return async (beat) => {
    placed ??= await findPlaced(db);
    if (beat >= to) {
      const atOnce = Math.floor(rowsAtOnce / Math.max(1, placed.length));
      to = Math.min(beats, beat + Math.max(1, Math.min(mostBeatsAtOnce, atOnce)));
      byBeat = groupBy(await findPlacesAmong(db, placed, { from: beat, to }), (one) => one.beat);
    }
    return byBeat.get(beat) ?? [];
  };
}
