import { CalendarMissing, findEarliestDay } from '../calendar/index.ts';
import { databaseErrorCode } from '../platform/database-errors.ts';
import { inTransaction } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { checkPolicy } from './announce-policy.ts';
import { findPolicyVersion, insertPolicyActivation } from './policy-store.ts';
import {
  InvalidPolicy,
  NoticeRunning,
  PolicySuperseded,
  UnknownPolicyVersion,
  type PolicyVersion,
} from './policy.ts';

/**
 * Puts an announced version in force, with the next answer: the epoch of every log rises in the same
 * transaction. Whether its notice has run is decided by the database, on its own clock and calendar;
 * where it has not, this refuses, naming P03 and the earliest day. What partners' joint records may
 * hold can be wider or narrower by it: mend them afterwards.
 */
export async function activatePolicy(
  tools: Tools,
  { version, actor }: { version: string; actor: string },
): Promise<PolicyVersion> {
  const announced = await findPolicyVersion(tools.db, version);
  if (!announced) throw new Refusal(UnknownPolicyVersion, undefined, { field: 'version' });
  if (announced.effectiveAt) throw new Refusal(PolicySuperseded);
  // It was checked when it was announced, perhaps by an older program or by none.
  const [problem] = checkPolicy(announced.document);
  if (problem) throw new Refusal(InvalidPolicy, problem.detail, problem);
  try {
    await inTransaction(tools.db, (tx) => insertPolicyActivation(tx, { version, actor }));
  } catch (error) {
    throw await asRefusal(tools, announced, error);
  }
  const activated = await findPolicyVersion(tools.db, version);
  if (!activated) throw new Error('A version that took effect is not there.');
  return activated;
}

async function asRefusal(
  { db }: Tools,
  announced: PolicyVersion,
  error: unknown,
): Promise<unknown> {
  const promise = 'P03';
  switch (databaseErrorCode(error) ?? '') {
    case 'SL031': {
      const { version, noticeDays, timeZone } = announced;
      const published = localDay(announced.publishedAt, timeZone);
      const earliest = await findEarliestDay(db, { ...announced, published });
      const detail =
        `Version ${version} was announced on ${published}; after ${String(noticeDays)} working days ` +
        `it can take effect on ${earliest ?? 'a day that the calendar does not reach'} at the earliest.`;
      return new Refusal(NoticeRunning, detail, { promise, field: 'version' });
    }
    case 'SL032':
      return new Refusal(CalendarMissing, undefined, { promise });
    case 'SL033':
    case uniqueViolation:
      return new Refusal(PolicySuperseded);
    default:
      return error;
  }
}

/** Two who activate the same version at once. */
const uniqueViolation = '23505';
