import { readFile } from 'node:fs/promises';
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

/** Opens the tools for one command, and closes them whatever happens. */
export async function withTools(work: (tools: Tools) => Promise<void>): Promise<void> {
  const { tools, close } = await openTools({ as: 'command', say });
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

/** Shows on a terminal how far long work has come, in one line that the next replaces; '' ends it. */
export function showProgress(line: string): void {
  if (!process.stderr.isTTY) return;
  const width = process.stderr.columns - 1;
  process.stderr.write(`\r\u001b[K${line.slice(0, width)}`);
}

/** Reads a JSON file that the user named; refuses what is not there or not JSON, by its name. */
export async function readJsonFile(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw refuseFile(`${file} can't be read.`, cause);
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw refuseFile(`${file} is not JSON.`, cause);
  }
}

/** Tells a person something beside the answer. */
export function say(line: string): void {
  process.stderr.write(`sluice: ${line}\n`);
}

function refuseFile(detail: string, cause: unknown): Refusal {
  const kind = { code: 'file-unreadable', status: 422, title: 'The file is of no use.' } as const;
  return Object.assign(new Refusal(kind, detail), { cause });
}

function sentenceOf(error: unknown): string {
  if (error instanceof Refusal) return `${error.message} (${error.kind.code})`;
  if (isDatabaseGone(error)) return 'The database can’t be reached. (database-gone)';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
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
