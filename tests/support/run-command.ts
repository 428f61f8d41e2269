import { runProgram } from '../../src/commands/frame.ts';
import { makeProgram } from '../../src/commands/program.ts';

/** How a command ended, and everything on its output and its error output. */
export interface Ran {
  readonly code: number;
  readonly text: string;
}

/**
 * Runs a command of the program under this environment alone, in this process: as main.ts does, but
 * without the second that Node takes to load it all. That a process of its own starts and ends is
 * for tests/commands/commands.test.ts and the faults to say. One command runs after another.
 */
export function runCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ran> {
  const ran = last.then(() => run(words, environment));
  last = ran.catch(() => undefined);
  return ran;
}

const exitCodeNow = () => Number(process.exitCode ?? 0);

let last: Promise<unknown> = Promise.resolve();

async function run(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ran> {
  const { env, exitCode, stdout, stderr } = process;
  const streams = [stdout, stderr].map((stream) => ({
    stream,
    write: stream.write.bind(stream),
  }));
  let text = '';
  for (const { stream } of streams) {
    stream.write = (part: string | Uint8Array) => {
      text += typeof part === 'string' ? part : Buffer.from(part).toString();
      return true;
    };
  }
  process.env = { PATH: env['PATH'], HOME: env['HOME'], ...environment };
  process.exitCode = 0;
  try {
    await runProgram(await makeProgram(words[0]), ['node', 'sluice', ...words]);
    return { code: exitCodeNow(), text };
  } finally {
    for (const { stream, write } of streams) stream.write = write;
    process.env = env;
    process.exitCode = exitCode;
  }
}
