import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A process of a test, with what it has printed so far. */
export interface Child {
  readonly process: ChildProcess;
  /** Everything on its output and its error output. */
  text(): string;
  /** Resolves once the text matches; rejects when the process ends before, or after a minute. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code or the signal that ended it. */
  ended(): Promise<number | string>;
}

/** Starts Node with a closed environment: what a test does not give is not set. */
export function startNode(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Child {
  return startProgram(process.execPath, words, environment);
}

/** The same for any program. */
export function startProgram(
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Child {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...environment };
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('close', () => running.delete(child));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  }
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    process: child,
    text: () => text,
    ended: async () => {
      const [code, signal] = await closed;
      return code ?? signal ?? 'unknown';
    },
    says: async (pattern) => {
      for (let tries = 0; tries < 6000; tries += 1) {
        const found = pattern.exec(text);
        if (found) return found;
        if (child.exitCode !== null || child.signalCode !== null) break;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`The process did not say ${String(pattern)}, but: ${text}`);
    },
  };
}

/** Ends what a failed test has left running; for afterAll. */
export function endChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}

const running = new Set<ChildProcess>();

/** Starts Node on a module given as text. */
export function startScript(text: string, ...words: string[]): Child {
  return startNode(['--input-type=module', '-e', text, ...words]);
}
