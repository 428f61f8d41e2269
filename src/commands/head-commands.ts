import { join } from 'node:path';
import type { Command } from 'commander';
import { findWitnessed, readHeadCheckpoint, runBeat } from '../heads/index.ts';
import { renewLogs } from '../renewals/index.ts';
import { rotateLogKey } from '../platform/keys.ts';
import { systemRandomness } from '../platform/randomness.ts';
import { readSettings } from '../platform/settings.ts';
import { counted, misuse, printText, printValue, say, withTools, type Printing } from './frame.ts';

/** `sluice log beat`, `renew`, `rotate-key`: the head log, the names of all logs, and their key. */
export function addHeadCommands(log: Command): void {
  addBeat(log);
  addRenewing(log);
  addRotating(log);
}

function addBeat(log: Command): void {
  log
    .command('beat')
    .description('put all logs under one checkpoint of the head log now, if this beat has none')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nA server does so by itself, every SLUICE_BEAT_SECONDS.\n\nExample:\n  sluice log beat',
    )
    .action(async (options: Printing) => {
      await withTools(async (tools) => {
        const { isTaken, witnesses } = await runBeat(tools);
        const published = await readHeadCheckpoint(tools);
        const checkpoint = published?.checkpoint ?? '';
        if (options.json) printValue({ isTaken, checkpoint, witnesses }, options);
        else printNote(checkpoint);
        if (!isTaken) say('This beat has its entry already.');
        for (const one of witnesses) {
          if ('refused' in one) say(`${one.name} did not cosign: ${one.refused}.`);
        }
      });
    });
}

function addRenewing(log: Command): void {
  log
    .command('renew')
    .description('after a restored backup: let every log go on under a new name')
    .requiredOption('--reason <text>', 'why, as the log will say for good; no personal data')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nA server refuses to start (log-rollback) while the database is behind what was published.' +
        '\n\nExample:\n  sluice log renew --reason "The disk failed; restored the backup of 12 November."',
    )
    .action(async ({ reason, ...options }: Printing & { reason: string }) => {
      if (reason.trim() === '' || reason.length > 1000)
        misuse('--reason has 1 to 1,000 characters.');
      await withTools(async (tools) => {
        const { logs, lost } = await renewLogs(tools, {
          reason,
          findWitnessed: () => findWitnessed(tools),
        });
        const facts = { logs, lostSize: lost.size, foundSize: lost.found };
        if (options.json) printValue(facts, options);
        else {
          printText(
            `${counted(logs, 'log')} and the head log have new names. Of the head log ${String(lost.size)} entries were published, and ${String(lost.found)} are here.`,
          );
        }
      });
    });
}

function addRotating(log: Command): void {
  log
    .command('rotate-key')
    .description('put a new key of the logs in the place of the present one')
    .addHelpText(
      'after',
      '\nBoth keys sign from the next start of each server on; /log/keys lists all that ever signed.' +
        '\nTell witnesses and partners the new key before the one after it comes.' +
        '\n\nExample:\n  sluice log rotate-key',
    )
    .action(() => {
      const { settings, keysDir } = readSettings(systemRandomness);
      rotateLogKey(keysDir ?? join(settings.dataDir, 'keys'), systemRandomness);
      printText('The logs have a new key. Start the servers again: then both keys sign.');
    });
}

/** Prints a note to the byte: it ends with its one newline. */
export function printNote(note: string): void {
  printText(note.slice(0, -1));
}
