import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CpuAnswer, ServerOrder } from './server.ts';

export interface Server {
  readonly ports: Readonly<Record<string, number>>;
  /** User and system time of its process so far, in microseconds. */
  cpuMicros(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a serving process; `profileFolder` makes it write a CPU profile there when it ends. */
export async function startServer(order: ServerOrder, profileFolder?: string): Promise<Server> {
  const child = fork(fileURLToPath(new URL('server.js', import.meta.url)), {
    execArgv: profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`],
  });
  const ports = (await ask(child, order)) as Record<string, number>;
  return {
    ports,
    cpuMicros: async () => ((await ask(child, 'cpu')) as CpuAnswer).cpuMicros,
    stop: async () => {
      child.disconnect();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function ask(child: ChildProcess, question: ServerOrder | 'cpu'): Promise<unknown> {
  const ended = new AbortController();
  const onExit = () => {
    ended.abort(new Error('A serving process ended.'));
  };
  child.once('exit', onExit);
  try {
    const answer = once(child, 'message', { signal: ended.signal });
    child.send(question);
    const [message] = (await answer) as unknown[];
    return message;
  } finally {
    child.off('exit', onExit);
  }
}
