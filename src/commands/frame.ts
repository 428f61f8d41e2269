import { CommanderError, type Command } from 'commander';
import { isDatabaseGone } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import { SettingsRefused } from '../platform/settings.ts';
import type { Tools } from '../platform/tools.ts';
import { openTools } from './open-tools.ts';

/** How a command prints. */
export interface Printing {
  readonly json?: boolean;
  /** Said instead of an empty table. */
  readonly none?: string;
}

export type Cell = string | number | bigint | boolean | null;

/**
 * Opens the tools for one command, and closes them whatever happens. Says so where the data folder
 * had no database and has a new one now, unless the command is one to begin with.
 */
export async function withTools(
  work: (tools: Tools) => Promise<void>,
  { mayBegin = false } = {},
): Promise<void> {
  const { tools, madeDatabaseIn, close } = await openTools({ as: 'command', say });
  if (madeDatabaseIn !== undefined && !mayBegin) say(`Made a new database in ${madeDatabaseIn}.`);
  try {
    await work(tools);
  } finally {
    await close();
  }
}

/**
 * Runs the program; sets the exit code: 0 done, 1 refused or found wanting, 2 misuse. Errors are
 * one clear sentence each; a fault is told with its stack.
 */
export async function runProgram(program: Command, words: readonly string[]): Promise<void> {
  surviveClosedPipes();
  try {
    await program.parseAsync(words);
  } catch (error) {
    if (error instanceof CommanderError) failWith(error.exitCode === 0 ? 0 : 2);
    else if (error instanceof SettingsRefused) {
      for (const problem of error.problems) say(problem);
      failWith(2);
    } else {
      say(sentenceOf(error));
      failWith(1);
    }
  }
}

/** Who reads the output may stop reading it (`sluice … | head -1`); what is left to say is lost. */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listenerCount('error', ignoreClosedPipe) === 0) {
      stream.on('error', ignoreClosedPipe);
    }
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Makes the program end with this code once its work is done. */
export function failWith(code: 0 | 1 | 2): void {
  process.exitCode = code;
}

/** Prints rows as an aligned table, numbers to the right, or as a JSON list. */
export function printRows(
  rows: readonly Readonly<Record<string, Cell>>[],
  { json = false, none = 'Nothing.' }: Printing = {},
): void {
  if (json) print(asJson(rows));
  else if (rows.length === 0) print(none);
  else print(tableOf(rows));
}

/** Prints text as it is, anything else as JSON. */
export function printValue(value: unknown, { json = false }: Printing = {}): void {
  print(typeof value === 'string' && !json ? value : asJson(value));
}

export function printText(text: string): void {
  print(text);
}

/** Prints a part of what is longer than memory should hold, as it is. */
export function printPart(part: Uint8Array): void {
  process.stdout.write(part);
}

/** Shows on a terminal how far long work has come, in one line that the next replaces; '' ends it. */
export function showProgress(line: string): void {
  if (!process.stderr.isTTY) return;
  const width = process.stderr.columns - 1;
  process.stderr.write(`\r\u001b[K${line.slice(0, width)}`);
}

/** Tells a person something beside the answer. */
export function say(line: string): void {
  process.stderr.write(`sluice: ${line}\n`);
}

/** What the parser of the command line says of a command it can't read, in our own form. */
export function sayMisuse(text: string): void {
  const [first = ''] = text.replace(/^error: /, '').split('\n');
  say(
    `${first.slice(0, 1).toUpperCase()}${first.slice(1)}${/[.)?]$/.test(first) ? '' : '.'} (misuse; --help says more)`,
  );
}

/** Ends the command as misuse (exit code 2), with one sentence. */
export function misuse(sentence: string): never {
  say(`${sentence} (misuse)`);
  throw new CommanderError(2, 'sluice.misuse', sentence);
}

/** "1 log", "3 entries": a number with its noun. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : several}`;
}

function sentenceOf(error: unknown): string {
  if (error instanceof Refusal) return refusalText(error);
  // Node tells the path of a file, and of a database's socket the address.
  const isOfFile = error instanceof Error && 'path' in error;
  if (!isOfFile && isDatabaseGone(error)) return 'The database can’t be reached. (database-gone)';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function refusalText({ message, kind, facts: { field, line, promise } }: Refusal): string {
  const facts = [
    kind.code,
    ...(field === undefined || field === '' ? [] : [`at ${field}`]),
    ...(line === undefined ? [] : [`line ${String(line)}`]),
    ...(promise === undefined ? [] : [`promise ${promise}`]),
  ];
  return `${message} (${facts.join(', ')})`;
}

function tableOf(rows: readonly Readonly<Record<string, Cell>>[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((name) => {
    const cells = rows.map((row) => row[name] ?? '');
    const texts = [name, ...cells.map(String)];
    const width = Math.max(...texts.map((text) => text.length));
    const isNumeric = cells.every((cell) => typeof cell === 'number' || typeof cell === 'bigint');
    return texts.map((text) => (isNumeric ? text.padStart(width) : text.padEnd(width)));
  });
  return [...rows.keys(), rows.length]
    .map((line) =>
      columns
        .map((column) => column[line] ?? '')
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A bigint is written as a number while JSON's readers keep it exact, as text beyond. */
function asJson(value: unknown): string {
  const exact = (_name: string, part: unknown) => {
    if (typeof part !== 'bigint') return part;
    return Number.isSafeInteger(Number(part)) ? Number(part) : String(part);
  };
  return JSON.stringify(value, exact, 2);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
