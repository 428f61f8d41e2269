import { queryNamed, type Database, type Statement } from '../platform/database.ts';

/** How far a log had come at a beat, as it is kept. */
export interface AuditedPlace {
  readonly recipientId: string;
  /** The index of the beat's entry in the head log. */
  readonly beat: number;
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

interface PlaceRow {
  readonly recipient_id: string;
  readonly beat: string;
  readonly origin: string;
  readonly size: string;
  readonly root: Buffer;
}

const placeOfRow = (row: PlaceRow): AuditedPlace => ({
  recipientId: row.recipient_id,
  beat: Number(row.beat),
  origin: row.origin,
  size: Number(row.size),
  root: row.root,
});

const placesOf: Statement = {
  name: 'audit-places-of-log',
  text: `select place.recipient_id, place.beat, place.origin, place.size, place.root
    from log_places place
    where place.recipient_id = $1 and place.beat >= $2 and place.beat < $3
    order by place.beat fetch first $4 rows only`,
};

/** The first so many places of a log from beat `from` to below `to`. */
export async function findPlacesOf(
  db: Database,
  recipientId: string,
  { from, to, limit }: { from: number; to: number; limit: number },
): Promise<AuditedPlace[]> {
  const rows = await queryNamed<PlaceRow>(db, placesOf, [recipientId, from, to, limit]);
  return rows.map(placeOfRow);
}

const placed: Statement = {
  name: 'audit-placed',
  // One step for each recipient: there is no index of the beats.
  text: `with recursive placed as (
      (select place.recipient_id from log_places place order by place.recipient_id fetch first 1 row only)
      union all
      select (select place.recipient_id from log_places place
        where place.recipient_id > placed.recipient_id
        order by place.recipient_id fetch first 1 row only)
      from placed where placed.recipient_id is not null
    )
    select placed.recipient_id from placed where placed.recipient_id is not null`,
};

/** Whose logs ever had a place. */
export async function findPlaced(db: Database): Promise<string[]> {
  const rows = await queryNamed<{ recipient_id: string }>(db, placed, []);
  return rows.map((row) => row.recipient_id);
}

const placesAmong: Statement = {
  name: 'audit-places-of-beats',
  // Without the offset the planner may read the whole table for each of these windows.
  text: `select place.recipient_id, place.beat, place.origin, place.size, place.root
    from unnest($1::uuid[]) as placed (recipient_id) cross join lateral (
      select one.recipient_id, one.beat, one.origin, one.size, one.root from log_places one
      where one.recipient_id = placed.recipient_id and one.beat >= $2 and one.beat < $3
      offset 0) place
    order by place.beat, place.recipient_id`,
};

/** What changed at the beats from `from` to below `to`, in their order. */
export async function findPlacesAmong(
  db: Database,
  recipientIds: readonly string[],
  { from, to }: { from: number; to: number },
): Promise<AuditedPlace[]> {
  const rows = await queryNamed<PlaceRow>(db, placesAmong, [recipientIds, from, to]);
  return rows.map(placeOfRow);
}

const names: Statement = {
  name: 'audit-names',
  text: `select renewal.size, renewal.was_origin from log_renewals renewal
    where renewal.recipient_id = $1 order by renewal.size`,
};

/** The names that a log had before, each up to a size. */
export async function findFormerNames(
  db: Database,
  recipientId: string,
): Promise<{ size: number; origin: string }[]> {
  const rows = await queryNamed<{ size: string; was_origin: string }>(db, names, [recipientId]);
  return rows.map((row) => ({ size: Number(row.size), origin: row.was_origin }));
}
