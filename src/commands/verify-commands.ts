import { join } from 'node:path';
import type { Command } from 'commander';
import { countUnplaced } from '../archive/index.ts';
import { verifyLog, type LogAudit, type LogFinding } from '../audit/index.ts';
import {
  parsePolicy,
  parseVerifierKey,
  verifyProof,
  verifyTiles,
  type GivenTrust,
  type ProofVerdict,
  type TilesVerdict,
  type Witness,
} from '../verification/index.ts';
import { verifyAccountingFile } from './accounting-commands.ts';
import { findBytes, readBytes, readText } from './files.ts';
import {
  counted,
  failWith,
  misuse,
  printText,
  printValue,
  say,
  withTools,
  type Printing,
} from './frame.ts';

interface VerifyOptions extends Printing {
  readonly offline?: boolean;
  readonly tiles?: string;
  readonly proof?: string;
  readonly accounting?: string;
  readonly key?: string;
  readonly policy?: string;
  readonly body?: string;
  readonly entry?: string;
  readonly salt?: string;
}

/** `sluice log verify`: the logs in the database, one proof, or a whole log out of its tiles. */
export function addVerifying(log: Command): void {
  log
    .command('verify')
    .description('audit every log in the database, one file (--offline), or a copied log (--tiles)')
    .option('--offline', 'verify one proof or accounting, without server and database')
    .option('--proof <file>', 'the proof (offline)')
    .option('--accounting <file>', 'a person’s accounting (offline, with --key)')
    .option('--tiles <folder>', 'a log as C2SP tlog-tiles, without server and database')
    .option('--key <key>', 'the verifier key, as /log/keys lists it (offline, tiles)')
    .option('--policy <file>', 'a C2SP tlog-policy instead of a key (offline, tiles)')
    .option('--body <file>', 'the bytes that were received (offline)')
    .option('--entry <file>', 'the entry as received, where the proof does not hold it (offline)')
    .option('--salt <salt>', 'the Disclosure-Salt, where the proof does not hold it (offline)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  sluice log verify' +
        '\n  sluice log verify --offline --proof page.tlog-proof --body page.json --key KEY' +
        '\n  sluice log verify --offline --proof page.tlog-proof --body page.json --policy FILE' +
        '\n  sluice log verify --tiles log/ --key KEY',
    )
    .action(async (options: VerifyOptions) => {
      if (!(await verify(options))) failWith(1);
    });
}

async function verify(options: VerifyOptions): Promise<boolean> {
  const { offline = false, tiles } = options;
  if (offline && tiles !== undefined) misuse('--offline is for one file, --tiles for a whole log.');
  const ofProof = (['proof', 'accounting', 'body', 'entry', 'salt'] as const).find(
    (one) => one in options,
  );
  if (ofProof && !offline) misuse(`--${ofProof} is for one file: add --offline.`);
  const trust = (['key', 'policy'] as const).find((one) => one in options);
  if (!offline && tiles === undefined) {
    if (trust) misuse(`--${trust} is for one proof or for tiles: add --offline or --tiles.`);
    return verifyAll(options);
  }
  if (trust === undefined || ('key' in options && 'policy' in options)) {
    misuse('Either --key or --policy is needed: whom you trust.');
  }
  return tiles === undefined ? verifyOffline(options) : verifyFolder(tiles, options);
}

async function verifyAll(options: VerifyOptions): Promise<boolean> {
  let isRight = false;
  await withTools(async (tools) => {
    const audit = await verifyLog(tools);
    isRight = audit.findings.length === 0;
    if (options.json) printValue(audit, options);
    else printText(auditText(audit));
    const unplaced = await countUnplaced(tools.db);
    if (unplaced > 0) {
      say(
        `${counted(unplaced, 'entry', 'entries')} of months without a partition: \`sluice serve\` makes it.`,
      );
    }
  });
  return isRight;
}

async function verifyOffline(options: VerifyOptions): Promise<boolean> {
  const { proof, accounting, body, entry, salt } = options;
  if (accounting !== undefined) return verifyAccounted(accounting, options);
  if (proof === undefined) misuse('With --offline, --proof or --accounting is needed.');
  const verdict = await verifyProof({
    ...(await trustIn(options)),
    proof: await readText(proof),
    salt,
    body: body === undefined ? undefined : await readBytes(body),
    entry: entry === undefined ? undefined : await readText(entry),
  });
  if (options.json) printValue(verdict, options);
  else printText(proofText(verdict));
  return verdict.holds;
}

async function verifyAccounted(file: string, options: VerifyOptions): Promise<boolean> {
  const other = (['proof', 'policy', 'body', 'entry', 'salt'] as const).find(
    (one) => one in options,
  );
  if (other) misuse(`--${other} does not go with --accounting.`);
  return verifyAccountingFile(file, { key: options.key ?? '', json: options.json });
}

async function verifyFolder(folder: string, options: VerifyOptions): Promise<boolean> {
  const readTile = (path: string) => findBytes(join(folder, path));
  const verdict = await verifyTiles({ ...(await trustIn(options)), readTile });
  if (options.json) printValue(verdict, options);
  else printText(tilesText(verdict));
  return verdict.holds;
}

/** Whom to trust must be readable: otherwise nothing is said of proof or log. */
async function trustIn({ key, policy: file }: VerifyOptions): Promise<GivenTrust> {
  if (key !== undefined && !(await parseVerifierKey(key))) {
    misuse('--key is not a verifier key (C2SP signed note, Ed25519).');
  }
  if (file === undefined) return { key };
  const policy = await readBytes(file);
  const read = await parsePolicy(policy);
  if (!read.parsed) {
    misuse(`${file} is not a trust policy: line ${String(read.line)}: ${read.because}.`);
  }
  return { policy };
}

function proofText(verdict: ProofVerdict): string {
  if (!verdict.holds) return `The proof does not hold: ${verdict.because}.`;
  const { origin, index, size, entry, isBodyProven, head } = verdict;
  const what = isBodyProven ? 'This body was disclosed' : 'This entry was logged';
  const place = `index ${String(index)} of a log of ${counted(size, 'entry', 'entries')}`;
  const beat = head
    ? ` It is in the head log as of ${head.at}: index ${String(head.index)} of ` +
      `${counted(head.size, 'beat')}, ${head.origin}.${witnessesText(verdict)}`
    : ' It is not in the head log yet.';
  return `${what}: ${place}, ${origin}.${beat}\n${entry}`;
}

function tilesText(verdict: TilesVerdict): string {
  if (!verdict.holds) return `The log does not hold: ${verdict.because}.`;
  const { origin, size, tiles } = verdict;
  return (
    `Checked ${counted(size, 'entry', 'entries')} and ${counted(tiles, 'tile')} of ${origin}: ` +
    `every hash and the signed root agree.${witnessesText(verdict)}`
  );
}

/** Only a policy tells who is a witness. */
function witnessesText(verdict: {
  readonly witnesses: readonly Witness[];
  readonly quorum: string | null;
}): string {
  const { witnesses, quorum } = verdict;
  if (quorum === null) return '';
  const seen = witnesses.map(({ name, at }) => `${name} (${at})`).join(', ');
  return ` Quorum "${quorum}" is met: cosigned by ${seen === '' ? 'nobody' : seen}.`;
}

/** What an audit of the database's logs found: a sentence, and a line for each log that is damaged. */
export function auditText(audit: LogAudit): string {
  const { logs, entries, subjects, beats, places, postings, findings } = audit;
  const checked =
    `Checked ${counted(entries, 'entry', 'entries')} with ${counted(subjects, 'subject')} ` +
    `in ${counted(logs, 'log')}, ${counted(beats, 'beat')} of the head log with ` +
    `${counted(places, 'place')}, ${counted(postings, 'segment')} of postings`;
  if (findings.length === 0) {
    return `${checked}: every hash, index, subject list, digest, posting, tree node, beat and head agrees.`;
  }
  return [`${checked}: the log is damaged.`, ...findings.map(findingText)].join('\n');
}

function findingText({ log, index, id, what }: LogFinding): string {
  if (index === null) return `Log ${log}: ${what}.`;
  return `Log ${log}, entry ${String(index)}${id === null ? '' : ` (${id})`}: ${what}.`;
}
