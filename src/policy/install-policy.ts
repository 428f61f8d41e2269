import { readFile } from 'node:fs/promises';
import { fillCalendar, findLastDay } from '../calendar/index.ts';
import { addMonths } from '../platform/calendar-days.ts';
import { inTransaction, type Database } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import type { Settings } from '../platform/settings.ts';
import { digestOf } from './document-rules.ts';
import {
  becomeOwner,
  hasActivation,
  insertPolicyActivation,
  insertPolicyVersion,
} from './policy-store.ts';
import type { Policy } from './policy.ts';

type Place = Pick<Settings, 'country' | 'timeZone' | 'noticeDays'>;

/**
 * Puts in what the policy stands on, as the owner of the tables: the working days of the operator's
 * country for years to come and, where no version is in force, the first one. Nothing was promised
 * before it, so no notice runs. What stands already is left as it is.
 */
export async function installPolicy(
  migrator: Database,
  { country, timeZone, noticeDays, now }: Place & { now: Date },
): Promise<void> {
  const document = await readFirstPolicy();
  await inTransaction(migrator, async (tx) => {
    await becomeOwner(tx);
    await fillCalendar(tx, { country, now });
    if (await hasActivation(tx)) return;
    await insertPolicyVersion(tx, {
      version: document.version,
      document,
      digest: digestOf(document),
      notice: 'The first policy. Nothing was promised before it, so no notice ran.',
      responseDirections: 'Whoever wants to respond writes to the operator.',
      noticeDays,
      country,
      timeZone,
      actor: 'sluice migrate',
    });
    await insertPolicyActivation(tx, { version: document.version, actor: 'sluice migrate' });
  });
}

/** Whether a policy is in force, and whether the country's calendar reaches years ahead. */
export async function isPolicyInstalled(
  db: Database,
  { country, timeZone, now }: Place & { now: Date },
): Promise<{ hasPolicy: boolean; hasCalendar: boolean }> {
  const last = await findLastDay(db, country);
  return {
    hasPolicy: await hasActivation(db),
    hasCalendar: last !== undefined && last > addMonths(localDay(now, timeZone), 60),
  };
}

async function readFirstPolicy(): Promise<Policy> {
  const file = new URL('../../schemas/policy/2026-1.json', import.meta.url);
  return JSON.parse(await readFile(file, 'utf8')) as Policy;
}
