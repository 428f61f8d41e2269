import { join } from 'node:path';
import type { Command } from 'commander';
import { verifyLog } from '../audit/index.ts';
import {
  BackupElsewhere,
  makeBackup,
  matchesHead,
  NothingToBackUp,
  restoreBackup,
  type Progress,
} from '../backups/index.ts';
import { findLost, type Lost } from '../renewals/index.ts';
import { findHead, headLog } from '../logs/index.ts';
import { systemClock } from '../platform/clock.ts';
import { openDatabase } from '../platform/database.ts';
import { findDatabaseFolder } from '../platform/embedded/adopt-cluster.ts';
import { openEmbeddedDatabase } from '../platform/embedded/embedded-database.ts';
import { readKeys } from '../platform/keys.ts';
import { Refusal } from '../platform/refusal.ts';
import { readInstallation, SettingsRefused, type Installation } from '../platform/settings.ts';
import {
  counted,
  failWith,
  printText,
  printValue,
  say,
  showProgress,
  withTools,
  type Printing,
} from './frame.ts';
import { auditText } from './verify-commands.ts';

/** `sluice backup` and `sluice restore`: the embedded database with its keys. */
export function addBackupCommands(program: Command): void {
  program
    .command('backup')
    .description('copy the embedded database and the keys into a new folder, while it serves')
    .requiredOption('--out <folder>', 'a folder that is not there yet')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nIt holds the keys and personal data: keep it as safely as the server.' +
        '\n\nExample:\n  sluice backup --out /srv/backups/2026-11-24',
    )
    .action(backUp);
  program
    .command('restore')
    .description('put a backup into a data folder without a database, and audit every log')
    .requiredOption('--from <folder>', 'the backup')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nEvery file is compared with the backup’s manifest before anything is written.' +
        '\n\nExample:\n  SLUICE_DATA_DIR=./restored sluice restore --from /srv/backups/2026-11-24',
    )
    .action(restore);
}

async function backUp({ out, ...printing }: Printing & { out: string }): Promise<void> {
  const { settings, stateHome, keysDir } = embeddedInstallation();
  const { dataDir } = settings;
  if (findDatabaseFolder(dataDir) === undefined) {
    throw new Refusal(NothingToBackUp, `${dataDir} has no database.`);
  }
  const keysFolder = keysDir === undefined ? join(dataDir, 'keys') : undefined;
  if (keysFolder !== undefined) requireKeys(keysFolder);
  const embedded = await openEmbeddedDatabase({ dataDir, as: 'command', stateHome, say });
  const db = openDatabase(embedded.logins.app, { max: 1 });
  const admin = openDatabase(embedded.logins.superuser, { max: 1 });
  try {
    const { folder: databaseFolder } = embedded;
    const order = { out, databaseFolder, keysFolder, admin, onProgress: tellProgress('copied') };
    const made = await makeBackup({ db, settings, clock: systemClock }, order);
    showProgress('');
    if (printing.json) printValue({ out, ...made }, printing);
    else {
      printText(
        `Backed up ${counted(made.files, 'file')}, ${megabytes(made.bytes)}, into ${out}: ` +
          `${counted(made.logs, 'log')}, ${counted(made.head?.size ?? 0, 'entry', 'entries')} of the head log.`,
      );
    }
    say(
      made.hasKeys
        ? 'It holds the keys and personal data: keep it as safely as the server.'
        : 'It holds personal data, and not the keys (SLUICE_KEYS_DIR): keep these beside it.',
    );
  } finally {
    await admin.destroy();
    await db.destroy();
    await embedded.close();
  }
}

async function restore({ from, ...printing }: Printing & { from: string }): Promise<void> {
  const { settings, stateHome, keysDir } = embeddedInstallation();
  const { dataDir } = settings;
  const onProgress = tellProgress('compared');
  const backup = await restoreBackup({ from, dataDir, keysDir, stateHome, onProgress });
  const { madeAt } = backup;
  showProgress('');
  say(`The backup of ${madeAt} is in ${dataDir}: its logs are audited now.`);
  await withTools(async (tools) => {
    const audit = await verifyLog(tools);
    const matches = await matchesHead(tools, backup);
    if (audit.findings.length > 0 || !matches) failWith(1);
    if (!matches) say('The head log does not go on from the one that the backup was made of.');
    const headSize = (await findHead(tools.db, headLog))?.size ?? 0;
    // Of the audit everything is said, whatever comes of the rest.
    if (!printing.json) printText(auditText(audit));
    const lost = await findLost(tools);
    if (printing.json)
      printValue(
        { madeAt, audit, matchesHead: matches, headSize, lost: lostFacts(lost) },
        printing,
      );
    else printText(headText(headSize, lost));
  });
}

const lostFacts = (lost: Lost | undefined) =>
  lost ? { publishedSize: lost.size, foundSize: lost.found } : null;

function headText(size: number, lost: Lost | undefined): string {
  const found = `The head log has ${counted(size, 'entry', 'entries')}`;
  if (!lost) {
    return `${found}, and no later checkpoint of it is kept here: compare with what witnesses have.`;
  }
  return (
    `${found}, and ${String(lost.size)} were published: \`sluice serve\` will refuse (log-rollback) ` +
    'until a newer backup is restored, or `sluice log renew --reason …` lets the logs go on under new names.'
  );
}

/** What the environment says, where the database is the embedded one. */
function embeddedInstallation(): Installation {
  const installation = readInstallation();
  if (Object.values(installation.connections).every((one) => one === undefined))
    return installation;
  throw new Refusal(
    BackupElsewhere,
    'DATABASE_URL names a PostgreSQL of your own: back it up and restore it with its own tools (pg_basebackup, WAL archive), then run `sluice log verify`.',
  );
}

function requireKeys(folder: string): void {
  const problems: string[] = [];
  readKeys(folder, problems);
  if (problems.length > 0) throw new SettingsRefused(problems);
}

function tellProgress(done: string): Progress {
  return ({ files, bytes }) => {
    if (files % 50 === 0) showProgress(`${counted(files, 'file')} ${done}, ${megabytes(bytes)}`);
  };
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
