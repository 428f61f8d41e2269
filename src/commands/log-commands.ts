import type { Command } from 'commander';
import {
  verifyLog,
  verifyProof,
  type LogAudit,
  type LogFinding,
  type ProofVerdict,
} from '../audit/index.ts';
import { digestDay, indexSubjects } from '../completeness/index.ts';
import { findDisclosureOwner } from '../disclosures/index.ts';
import { proveDisclosure, readCheckpoint, readCheckpoints } from '../publication/index.ts';
import { remakeDisclosure, type Remade } from '../explanations/index.ts';
import { addAccounting, addErasing, verifyAccountingFile } from './accounting-commands.ts';
import { readBytes, readText, writePrivate, writeText } from './files.ts';
import {
  counted,
  failWith,
  misuse,
  printText,
  printValue,
  withTools,
  type Printing,
} from './frame.ts';
import { knownPartner } from './partner-commands.ts';

interface VerifyOptions extends Printing {
  readonly offline?: boolean;
  readonly proof?: string;
  readonly accounting?: string;
  readonly key?: string;
  readonly body?: string;
  readonly entry?: string;
  readonly salt?: string;
}

/** `sluice log …`: the disclosure log, audited, published and proven. */
export function addLogCommands(program: Command): void {
  const log = program
    .command('log')
    .description('the disclosure log: verify, checkpoint, proof, remake, digest, accounting, erase')
    .addHelpText('after', '\nExample:\n  sluice log verify');
  addVerifying(log);
  addCheckpoints(log);
  addProving(log);
  addRemaking(log);
  addDigesting(log);
  addAccounting(log);
  addErasing(log);
}

function addVerifying(log: Command): void {
  log
    .command('verify')
    .description('audit every log in the database, or one file with --offline')
    .option('--offline', 'verify one proof or accounting, without server and database')
    .option('--proof <file>', 'the proof (offline)')
    .option('--accounting <file>', 'a customer’s accounting (offline)')
    .option('--key <key>', 'the verifier key, as /log/keys lists it (offline)')
    .option('--body <file>', 'the bytes that were received (offline)')
    .option('--entry <file>', 'the entry as received, where the proof does not hold it (offline)')
    .option('--salt <salt>', 'the Disclosure-Salt, where the proof does not hold it (offline)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  sluice log verify' +
        '\n  sluice log verify --offline --proof page.tlog-proof --body page.json --key KEY',
    )
    .action(async (options: VerifyOptions) => {
      const isRight = options.offline ? await verifyOffline(options) : await verifyAll(options);
      if (!isRight) failWith(1);
    });
}

function addCheckpoints(log: Command): void {
  log
    .command('checkpoint')
    .description('print the signed checkpoint of a partner’s log, or of all logs')
    .option('--partner <key>', 'the partner’s key')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice log checkpoint --partner brightside')
    .action(async (options: Printing & { partner?: string }) => {
      await withTools(async (tools) => {
        if (options.partner === undefined) {
          const all = await readCheckpoints(tools);
          if (options.json) printValue(all, options);
          else if (all.length === 0) printText('No logs yet: each partner that is added has one.');
          else for (const { checkpoint } of all) printText(checkpoint);
          return;
        }
        const { id } = await knownPartner(tools.db, options.partner);
        const checkpoint = await readCheckpoint(tools, id);
        if (options.json) printValue({ recipientId: id, checkpoint }, options);
        else printNote(checkpoint);
      });
    });
}

function addProving(log: Command): void {
  log
    .command('proof')
    .description('prove that one disclosure is in its log (C2SP tlog-proof)')
    .requiredOption('--id <id>', 'the disclosure’s id: "dis_…", the Disclosure-Id of an answer')
    .option('--out <file>', 'where to write the proof; printed otherwise')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample (the id stands in the Disclosure-Id header of every page, and in /v1/disclosures):' +
        '\n  sluice log proof --id dis_… --out page.tlog-proof',
    )
    .action(async (options: Printing & { id: string; out?: string }) => {
      const { id, out } = options;
      await withTools(async (tools) => {
        const recipientId = await findDisclosureOwner(tools, id);
        const proof = await proveDisclosure(tools, { recipientId, id });
        if (out !== undefined) await writeText(out, proof);
        if (options.json) printValue({ id, proof }, options);
        else if (out === undefined) printNote(proof);
        else printText(`The proof of ${id} is in ${out}.`);
      });
    });
}

function addDigesting(log: Command): void {
  log
    .command('digest')
    .description(
      'write the digest of each day that has ended and lacks it, as serve does by itself',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice log digest')
    .action(async (options: Printing) => {
      await withTools(async (tools) => {
        const { written } = await digestDay(tools);
        const { segments } = await indexSubjects(tools);
        if (options.json) printValue({ written, segments }, options);
        else if (written === 0) printText('Every day that has ended has its digests.');
        else printText(`Wrote ${counted(written, 'digest')}.`);
      });
    });
}

function addRemaking(log: Command): void {
  log
    .command('remake')
    .description('make the body of a past disclosure of records again, byte for byte')
    .requiredOption('--disclosure <id>', 'the disclosure’s id: "dis_…"')
    .option('--out <file>', 'where to write the body; it is only proven otherwise')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample (the body holds personal data; without --out it goes nowhere):' +
        '\n  sluice log remake --disclosure dis_… --out page.json',
    )
    .action(async (options: Printing & { disclosure: string; out?: string }) => {
      await withTools(async (tools) => {
        const remade = await remakeDisclosure(tools, { id: options.disclosure });
        if (remade.made && options.out !== undefined) await writePrivate(options.out, remade.body);
        if (options.json) printValue(factsOf(remade, options.out), options);
        else printText(remadeText(remade, options.out));
        if (!remade.made) failWith(1);
      });
    });
}

/** The body itself is printed nowhere. */
function factsOf(remade: Remade, out: string | undefined): Record<string, unknown> {
  if (!remade.made) return { ...remade };
  const { id, records, body } = remade;
  return { made: true, id, records, bytes: body.length, out: out ?? null };
}

function remadeText(remade: Remade, out: string | undefined): string {
  const { id } = remade;
  if (!remade.made) {
    const which = remade.subjects.length > 0 ? ` (${remade.subjects.join(', ')})` : '';
    return `${id} cannot be made again: ${remade.because}${which}.`;
  }
  const what = `${counted(remade.records, 'record')}, ${counted(remade.body.length, 'byte')}`;
  const where = out === undefined ? '' : ` It is in ${out}.`;
  return `${id} was made again, and its hash is the one in the log: ${what}.${where}`;
}

async function verifyAll(options: VerifyOptions): Promise<boolean> {
  const stray = (['proof', 'accounting', 'key', 'body', 'entry', 'salt'] as const).find(
    (one) => one in options,
  );
  if (stray) misuse(`--${stray} is for a file: add --offline.`);
  let isRight = false;
  await withTools(async (tools) => {
    const audit = await verifyLog(tools);
    isRight = audit.findings.length === 0;
    if (options.json) printValue(audit, options);
    else printText(sentenceOf(audit));
  });
  return isRight;
}

async function verifyOffline(options: VerifyOptions): Promise<boolean> {
  const { proof, accounting, key, body, entry, salt, json } = options;
  if (accounting !== undefined && key !== undefined) {
    const other = (['proof', 'body', 'entry', 'salt'] as const).find((one) => one in options);
    if (other) misuse(`--${other} does not go with --accounting.`);
    return verifyAccountingFile(accounting, { key, json });
  }
  if (proof === undefined || key === undefined) {
    misuse('With --offline, --key and one of --proof and --accounting are needed.');
  }
  const verdict = verifyProof({
    proof: await readText(proof),
    verifierKey: key,
    salt,
    body: body === undefined ? undefined : await readBytes(body),
    entry: entry === undefined ? undefined : await readText(entry),
  });
  if (options.json) printValue(verdict, options);
  else printText(verdictOf(verdict));
  return verdict.holds;
}

/** Prints a note to the byte: it ends with its one newline. */
function printNote(note: string): void {
  printText(note.slice(0, -1));
}

function verdictOf(verdict: ProofVerdict): string {
  if (!verdict.holds) return `The proof does not hold: ${verdict.because}.`;
  const { origin, index, size, entry, isBodyProven } = verdict;
  const what = isBodyProven ? 'This body was disclosed' : 'This entry was logged';
  const place = `index ${String(index)} of a log of ${counted(size, 'entry', 'entries')}`;
  return `${what}: ${place}, ${origin}.\n${entry}`;
}

function sentenceOf({ logs, entries, subjects, findings }: LogAudit): string {
  const checked =
    `Checked ${counted(entries, 'entry', 'entries')} with ${counted(subjects, 'subject')} ` +
    `in ${counted(logs, 'log')}`;
  if (findings.length === 0) {
    return `${checked}: every hash, index, subject list, tree node and head agrees.`;
  }
  return [`${checked}: the log is damaged.`, ...findings.map(findingText)].join('\n');
}

function findingText({ log, index, id, what }: LogFinding): string {
  if (index === null) return `Log ${log}: ${what}.`;
  return `Log ${log}, entry ${String(index)}${id === null ? '' : ` (${id})`}: ${what}.`;
}
