import { CalendarMissing, findEarliestDay } from '../calendar/index.ts';
import { databaseErrorCode } from '../platform/database-errors.ts';
import { inTransaction } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import { Refusal } from '../platform/refusal.ts';
import { allProblemsOf } from '../platform/schemas.ts';
import type { Tools } from '../platform/tools.ts';
import { digestOf, problemsOfDocument } from './document-rules.ts';
import { findPolicyVersion, insertPolicyVersion } from './policy-store.ts';
import {
  InvalidPolicy,
  PolicyVersionTaken,
  type Policy,
  type PolicyProblem,
  type PolicyVersion,
} from './policy.ts';

/** What an operator says when it announces a version. */
export interface Announcement {
  readonly document: unknown;
  readonly notice: string;
  readonly responseDirections: string | undefined;
  /** Working days; SLUICE_NOTICE_DAYS where nothing is said. */
  readonly noticeDays?: number | undefined;
  readonly actor: string;
}

/**
 * Announces a version of the policy: from now on its notice runs, by the database's clock, in the
 * working days of the operator's country. It counts for nothing until it is activated. Refuses
 * what no version may say, a notice without response directions and one under ten working days.
 */
export async function announcePolicy(
  tools: Tools,
  announcement: Announcement,
): Promise<PolicyVersion> {
  const [problem] = [...checkPolicy(announcement.document), ...problemsOfNotice(announcement)];
  if (problem) throw new Refusal(InvalidPolicy, problem.detail, problem);
  const document = announcement.document as Policy;
  const { country, timeZone, noticeDays } = tools.settings;
  return inTransaction(tools.db, async (tx) => {
    const isNew = await insertPolicyVersion(tx, {
      version: document.version,
      document,
      digest: digestOf(document),
      notice: announcement.notice,
      responseDirections: announcement.responseDirections ?? '',
      noticeDays: announcement.noticeDays ?? noticeDays,
      country,
      timeZone,
      actor: announcement.actor,
    });
    if (!isNew) throw new Refusal(PolicyVersionTaken, undefined, { field: '/version' });
    const announced = await findPolicyVersion(tx, document.version);
    if (!announced) throw new Error('A version that was announced is not there.');
    const published = localDay(announced.publishedAt, timeZone);
    const earliest = await findEarliestDay(tx, { ...announced, published });
    if (earliest === undefined) throw new Refusal(CalendarMissing);
    return announced;
  }).catch(refuseGate);
}

/**
 * Every problem of a policy document: of its shape, or, where that is right, with what no version
 * may say. None: it can be announced.
 */
export function checkPolicy(document: unknown): readonly PolicyProblem[] {
  const shape = allProblemsOf('policy/document', document);
  if (shape.length > 0) return shape;
  return problemsOfDocument(document as Policy);
}

const promise = 'P03';
const bounds = { least: 10, most: 365, notice: 20_000, directions: 2000 };

function problemsOfNotice(announcement: Announcement): PolicyProblem[] {
  const { notice, responseDirections = '', noticeDays = bounds.most, actor } = announcement;
  const problems: PolicyProblem[] = [];
  if (!isText(notice, bounds.notice)) {
    const detail = 'A notice says what changes, in at most 20,000 characters.';
    problems.push({ field: 'notice', promise, detail });
  }
  if (!isText(responseDirections, bounds.directions)) {
    const detail = 'A notice says how to respond to it, in at most 2,000 characters.';
    problems.push({ field: 'responseDirections', promise, detail });
  }
  if (!Number.isInteger(noticeDays) || noticeDays < bounds.least || noticeDays > bounds.most) {
    const detail = 'A notice runs for a whole number of working days, 10 to 365.';
    problems.push({ field: 'noticeDays', promise, detail });
  }
  if (!isText(actor, 200)) {
    problems.push({
      field: 'actor',
      detail: 'Who announces it has a name of 1 to 200 characters.',
    });
  }
  return problems;
}

function isText(text: string, longest: number): boolean {
  return /\S/.test(text) && !text.includes('\0') && text.length <= longest;
}

/** The database refuses a country or a time zone that it does not know. */
function refuseGate(cause: unknown): never {
  const code = databaseErrorCode(cause);
  if (code === 'SL032') throw new Refusal(CalendarMissing);
  if (code !== 'SL034') throw cause;
  throw new Refusal(InvalidPolicy, 'The database does not know the time zone of the settings.');
}
