import {
  queryNamed,
  type Database,
  type Statement,
  type Transaction,
} from '../platform/database.ts';
import type { PlacedLog } from '../transparency/index.ts';

/** How far a recipient's log had come at a beat. */
export interface LogPlace extends PlacedLog {
  readonly recipientId: string;
}

const placesAt: Statement = {
  name: 'log-places-at',
  // The last row of each log by the key: the table has years of beats, and this is read at each.
  text: `select log_heads.recipient_id, place.origin, place.size, place.root
    from log_heads cross join lateral (
      select log_places.origin, log_places.size, log_places.root from log_places
      where log_places.recipient_id = log_heads.recipient_id and log_places.beat <= $1
      order by log_places.beat desc fetch first 1 row only) place
    order by log_heads.recipient_id`,
};

/** The place of every log at a beat, by the index of its entry in the head log. */
export async function findPlaces(db: Database | Transaction, beat: number): Promise<LogPlace[]> {
  const rows = await queryNamed<{
    recipient_id: string;
    origin: string;
    size: string;
    root: Buffer;
  }>(db, placesAt, [beat]);
  return rows.map(({ recipient_id: recipientId, origin, size, root }) => ({
    recipientId,
    origin,
    size: Number(size),
    root,
  }));
}

const insertion: Statement = {
  name: 'log-places-insert',
  text: `insert into log_places (recipient_id, beat, origin, size, root)
    select place.recipient_id, $1, place.origin, place.size,
      substring($5::bytea from (place.place::int - 1) * 32 + 1 for 32)
    from unnest($2::uuid[], $3::text[], $4::bigint[])
      with ordinality as place (recipient_id, origin, size, place)`,
};

/** Keeps the places that a beat changed. */
export async function insertPlaces(
  tx: Transaction,
  beat: number,
  places: readonly LogPlace[],
): Promise<void> {
  await queryNamed(tx, insertion, [
    beat,
    places.map(({ recipientId }) => recipientId),
    places.map(({ origin }) => origin),
    places.map(({ size }) => size),
    Buffer.concat(places.map(({ root }) => root)),
  ]);
}
