import type { FaultHouse } from './gateway-process.ts';
import type { Pulled } from './pulls.ts';

/** An entry as far as these tests look at it. */
export interface Logged {
  readonly index: number;
  /** `pull` for pages and single records, `stream` for the chunks of a stream. */
  readonly channel: string;
  readonly payload: string;
  /** Numbers of the customers whose records it shows. */
  readonly numbers: readonly number[];
}

/** Whose log is read: a house, or a copy of it. */
export type LoggedHouse = Pick<FaultHouse, 'bright' | 'withTools'>;

/** Every entry of the partner's log, by its id. */
export async function readLog(house: LoggedHouse): Promise<Map<string, Logged>> {
  const rows = await house.withTools(({ db }) =>
    db('disclosure_entries as e')
      .join('disclosure_subjects as s', (on) =>
        on.on('s.recipient_id', 'e.recipient_id').andOn('s.index', 'e.index'),
      )
      .where('e.recipient_id', house.bright.partner.id)
      .select<{ index: string; entry: string; numbers: Buffer }[]>(
        'e.index',
        'e.entry',
        's.numbers',
      ),
  );
  return new Map(
    rows.map(({ index, entry, numbers }) => {
      const { id, ...said } = JSON.parse(entry) as Pick<Logged, 'channel' | 'payload'> & {
        id: string;
      };
      const { channel, payload } = said;
      return [id, { index: Number(index), channel, payload, numbers: numbersIn(numbers) }];
    }),
  );
}

/**
 * Received pages and chunks, whole or in part, that the log does not know or knows with other bytes.
 * A chunk that broke off before its receipt does not tell its entry: each such needs one that no
 * other chunk claims.
 */
export async function unlogged(
  house: LoggedHouse,
  pulled: readonly Pulled[],
): Promise<readonly Pulled[]> {
  const log = await readLog(house);
  const received = pagesIn(pulled);
  const claimed = new Set(received.map(({ disclosureId }) => disclosureId));
  const unclaimed = [...log].filter(
    ([id, { channel }]) => channel === 'stream' && !claimed.has(id),
  );
  const broken = received.filter((one) => isBroken(one));
  const wrong = received.filter((one) => {
    const { channel, disclosureId = '', payload } = one;
    if (isBroken(one)) return false;
    const entry = log.get(disclosureId);
    if (entry?.channel !== channel) return true;
    return payload !== undefined && payload !== entry.payload;
  });
  return [...wrong, ...broken.slice(unclaimed.length)];
}

const isBroken = ({ channel, disclosureId }: Pulled) =>
  channel === 'stream' && disclosureId === undefined;

/** Answers of which at least one byte of data came. */
export const pagesIn = (pulled: readonly Pulled[]) =>
  pulled.filter(({ status, hasBytes }) => status === 200 && hasBytes);

/** Ascending numbers as LEB128 differences, the lowest seven bits first. */
function numbersIn(bytes: Buffer): number[] {
  const numbers: number[] = [];
  let [last, difference, shift] = [0, 0, 0];
  for (const byte of bytes) {
    difference |= (byte & 0x7f) << shift;
    shift += 7;
    if (byte & 0x80) continue;
    last += difference;
    numbers.push(last);
    [difference, shift] = [0, 0];
  }
  return numbers;
}
