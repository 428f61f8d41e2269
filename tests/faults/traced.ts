import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from '@jest/globals';
import { startProgram, type Child } from '../support/child.ts';

/** `npm run full`: also the calls that open and close, and each of them. */
export const isFull = process.env['SLUICE_TEST_KILLS'] !== undefined;

const isTraced =
  spawnSync('strace', ['-f', '--seccomp-bpf', '-o', '/dev/null', 'true']).status === 0;

/** A test that is skipped where no process may be traced. */
export const tracedTest = (name: string, body: () => Promise<void>): void => {
  if (isTraced) test(name, body);
  else test.skip(`${name} (skipped: strace is absent, or not allowed to trace)`, body);
};

const calls = isFull ? ['openat', 'write', 'fsync', 'close', '/^rename'] : ['write', 'fsync', '/^rename']; // prettier-ignore

/** What may befall a call. */
export const callFaults = ['error=EIO', 'error=ENOSPC', 'signal=KILL'] as const;

export interface Tracing {
  /** The file of the trace. */
  readonly trace: string;
  /** The calls on these are traced; `$$` stands for the number of the process. */
  readonly paths: readonly string[];
  /** As strace has it: `write:error=EIO:when=2`. */
  readonly fault?: string | undefined;
}

/** Starts Node with its calls on these files traced, of which one may fail. */
export function startTraced(
  { trace, paths, fault }: Tracing,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Child {
  const strace = [
    // The tracer is nobody's parent, so that the process is the one to kill.
    ...['strace', '-D', '-f', '-qq', '-y', '-o', trace],
    // Stops at the traced calls alone, several times as fast; but then strace injects no signal.
    ...(fault?.includes('signal') === true ? [] : ['--seccomp-bpf']),
    ...paths.flatMap((path) => ['-P', path]),
    ...['-e', `trace=${calls.join(',')}`],
    ...(fault === undefined ? [] : ['-e', `inject=${fault}`]),
  ];
  // The shell's number becomes that of the process.
  const quoted = (word: string) => `"${word.replaceAll(/["\\`]/g, '\\$&')}"`;
  return startProgram(
    '/bin/sh',
    ['-c', `exec ${strace.map(quoted).join(' ')} "$@"`, 'sh', process.execPath, ...words],
    environment,
  );
}

export interface TracedCall {
  readonly name: string;
  /** Its number among those of its name, from 1. */
  readonly when: number;
  readonly line: string;
}

/**
 * The calls of a trace, by name and the number of their kind: those of the thread that made the first,
 * since strace counts for each thread by itself, and which one of a pool gets which work is chance.
 */
export function callsIn(trace: string): readonly TracedCall[] {
  const counts = new Map<string, number>();
  let main: string | undefined;
  return readFileSync(trace, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, thread, name] = /^(\d+) +([a-z0-9]+)\(/.exec(line) ?? [];
      main ??= thread;
      if (name === undefined || thread !== main) return [];
      const when = (counts.get(name) ?? 0) + 1;
      counts.set(name, when);
      return [{ name, when, line }];
    });
}

/** Whether a call failed, or was the last one there was. */
export function isFaulty(trace: string): boolean {
  return /\(INJECTED\)|--- SIGKILL|killed by SIGKILL/.test(readFileSync(trace, 'utf8'));
}
