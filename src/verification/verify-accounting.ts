import { textOf } from '../notes/index.ts';
import { provenDays } from './accounted-day-rules.ts';
import { provenDisclosure, type AccountedEntry } from './accounted-entry-rules.ts';
import { bytesIn, demand, linesOf, textIn, type Line } from './line-rules.ts';
import { fails, hostKeys, hostOf, isRecipientLog } from './trust-rules.ts';
import { openCheckpoint, readTrust, verdictOf, type Trust } from './trust-rules.ts';

export interface GivenAccounting {
  /** The file: newline-delimited JSON. */
  readonly accounting: Uint8Array | string;
  /** A verifier key of the logs' host. */
  readonly key: string;
}

/** What an accounting shows, or the first reason why it shows nothing. */
export type AccountingVerdict =
  | {
      readonly holds: true;
      readonly customer: string;
      readonly madeAt: string;
      readonly logs: readonly AccountedLog[];
    }
  | { readonly holds: false; readonly because: string };

export interface AccountedLog {
  readonly log: string;
  readonly recipient: string | null;
  /** Entries that show the customer, each proven to be in the log. */
  readonly disclosures: number;
  /** Records of the customer in them, and how many of these are given and proven by their hashes. */
  readonly records: number;
  readonly opened: number;
  /** Through which day nothing is left out; null while the log has had no daily digest. */
  readonly completeThrough: string | null;
  /** How many of the disclosures are younger than that. */
  readonly after: number;
}

/**
 * Verifies a person's accounting without the log: that every entry in it is in its recipient's log and
 * opens to the records that are given, and by the digest of each day that no entry and no record is
 * left out.
 */
export async function verifyAccounting({
  accounting,
  key,
}: GivenAccounting): Promise<AccountingVerdict> {
  return verdictOf(async () => {
    const trust = await readTrust({ key });
    const text = typeof accounting === 'string' ? accounting : textOf(accounting);
    const [head = {}, ...lines] = linesOf(text ?? '');
    const end = lines.pop() ?? {};
    demand(head['accounting'] === 1, 'it is not an accounting of version 1');
    demand(end['end'] === true, 'its end is missing');
    const secret = bytesIn(head, 'secret');
    demand(secret.length === 32, 'its secret does not have 32 bytes');
    const [customer, madeAt] = [textIn(head, 'customer'), textIn(head, 'madeAt')];
    const groups = groupsOf(lines);
    demand(groups.length === head['logs'], 'a log is missing');
    const logs: AccountedLog[] = [];
    for (const group of groups) logs.push(await provenLog(group, { trust, secret, madeAt }));
    demand(new Set(logs.map(({ log }) => log)).size === logs.length, 'a log stands in it twice');
    const count = logs.reduce((sum, { disclosures }) => sum + disclosures, 0);
    demand(count === end['disclosures'], 'a disclosure is missing or one too many');
    return { holds: true as const, customer, madeAt, logs };
  });
}

/** The lines of each log. */
function groupsOf(lines: readonly Line[]): Line[][] {
  const groups: Line[][] = [];
  for (const line of lines) {
    if ('log' in line) groups.push([]);
    const group = groups.at(-1) ?? fails('a line stands before any log');
    group.push(line);
  }
  return groups;
}

async function provenLog(
  [told = {}, ...lines]: readonly Line[],
  { trust, secret, madeAt }: { trust: Trust; secret: Uint8Array; madeAt: string },
): Promise<AccountedLog> {
  const log = textIn(told, 'log');
  const host = hostOf(trust.logs[0]?.name ?? '');
  const signers = isRecipientLog(log, host) ? await hostKeys(host, trust) : [];
  const what = `the checkpoint of ${log}`;
  const signed = await openCheckpoint(textIn(told, 'checkpoint'), { signers, policy: null, what });
  demand(signed.origin === log, `${what} is of another log`);
  const recipient = told['recipient'] === null ? null : textIn(told, 'recipient');
  const subject = textIn(told, 'subject');
  const shown: AccountedEntry[] = [];
  for (const line of lines.filter((one) => 'disclosure' in one)) {
    const entry = await provenDisclosure(line, { signed, subject, recipient });
    const isLater = entry.index > (shown.at(-1)?.index ?? -1);
    demand(isLater, `entry ${String(entry.index)} of ${log} is out of order`);
    shown.push(entry);
  }
  const digests = lines.filter((one) => 'digest' in one);
  const isKnown = lines.every((one) => 'digest' in one || 'disclosure' in one);
  demand(isKnown, `a line of ${log} is neither a digest nor a disclosure`);
  const covered = await provenDays(digests, { told, signed, secret, madeAt, shown });
  const sum = (what: 'leaves' | 'opened') => shown.reduce((all, one) => all + one[what], 0);
  return {
    ...{ log, recipient, disclosures: shown.length, records: sum('leaves'), opened: sum('opened') },
    completeThrough: covered.day,
    after: shown.filter(({ index }) => index >= covered.to).length,
  };
}
