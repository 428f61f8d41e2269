import type { Command } from 'commander';
import { digestDay } from '../completeness/index.ts';
import { findDisclosureOwner } from '../disclosures/index.ts';
import { proveDisclosure, readCheckpoint, readCheckpoints } from '../publication/index.ts';
import { remakeDisclosure, type Remade } from '../explanations/index.ts';
import { indexSubjects } from '../postings/index.ts';
import { addAccounting, addErasing } from './accounting-commands.ts';
import { writePrivate, writeText } from './files.ts';
import {
  counted,
  failWith,
  printText,
  printValue,
  say,
  withTools,
  type Printing,
} from './frame.ts';
import { addHeadCommands, printNote } from './head-commands.ts';
import { addExporting } from './log-export-commands.ts';
import { knownPartner } from './partner-commands.ts';
import { addVerifying } from './verify-commands.ts';

/** `sluice log …`: the disclosure log, audited, published and proven. */
export function addLogCommands(program: Command): void {
  const log = program
    .command('log')
    .description(
      'the disclosure log: verify, checkpoint, proof, beat, export, renew, rotate-key, remake, digest, accounting, erase',
    )
    .addHelpText('after', '\nExample:\n  sluice log verify');
  addVerifying(log);
  addCheckpoints(log);
  addProving(log);
  addHeadCommands(log);
  addExporting(log);
  addRemaking(log);
  addDigesting(log);
  addAccounting(log);
  addErasing(log);
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
        const { text, retryAfterSeconds } = proof;
        if (out !== undefined) await writeText(out, text);
        if (options.json) printValue({ id, proof: text, retryAfterSeconds }, options);
        else if (out === undefined) printNote(text);
        else printText(`The proof of ${id} is in ${out}.`);
        if (retryAfterSeconds !== null) {
          say('The head log has not covered it yet: it will after the next beat.');
        }
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
        const { written, failed } = await digestDay(tools);
        const { segments } = await indexSubjects(tools);
        if (failed > 0) process.exitCode = 1;
        if (options.json) printValue({ written, failed, segments }, options);
        else if (failed > 0)
          printText(`${counted(failed, 'log')} got no digest; the lines above say why.`);
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
