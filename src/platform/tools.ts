import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Database, Reader } from './database.ts';
import type { FetchLimits } from './http/fetch-public.ts';
import type { Randomness } from './randomness.ts';
import type { Settings } from './settings.ts';

/** Everything an act may use from the outside world. Keep it this small. */
export interface Tools {
  readonly settings: Settings;
  /** The database as the app's role. */
  readonly db: Database;
  /** The database as the reader's role, which sees joint records and nothing else. */
  readonly reader: Reader;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly log: Logger;
  /** Whom to reach in the public internet: undefined, but in tests, which have servers of their own. */
  readonly fetching?: Pick<FetchLimits, 'lookup' | 'isAllowed' | 'ca'>;
}
