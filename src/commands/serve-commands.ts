import type { Command } from 'commander';
import { startPartitions } from '../archive/index.ts';
import { startDigests } from '../completeness/index.ts';
import { createGateway } from '../gateway.ts';
import { guardWitnesses, readTrust, startBeats } from '../heads/index.ts';
import { guardRollback } from '../renewals/index.ts';
import { listen } from '../platform/http/lifecycle.ts';
import type { Tools } from '../platform/tools.ts';
import { printText, say } from './frame.ts';
import { openTools } from './open-tools.ts';

/** `sluice serve`: runs the gateway until it is told to stop. */
export function addServeCommands(program: Command): void {
  program
    .command('serve')
    .description('run the gateway until SIGTERM or Ctrl-C')
    .addHelpText('after', '\nExample:\n  PORT=8080 SLUICE_DATA_DIR=./data sluice serve')
    .action(() => serve(() => Promise.resolve()));
}

/**
 * Opens the house, lets `prepare` do what must be there before the first request, and serves. On
 * SIGTERM or SIGINT it takes no new request, lets those in flight end within 8 s, and closes the
 * database. A second signal changes nothing: what is closing is closing.
 */
export async function serve(prepare: (tools: Tools) => Promise<void>): Promise<void> {
  const isTold = signal();
  const { tools, close } = await openTools({ as: 'server', say });
  try {
    await readTrust(tools.settings);
    await guardRollback(tools);
    await guardWitnesses(tools);
    await prepare(tools);
    const { host, port, origin } = tools.settings;
    const server = await listen(createGateway(tools), { host, port, random: tools.random });
    const stopDigests = startDigests(tools);
    printText(`Sluice serves on ${placeOf({ host, port: server.port, origin })}.`);
    const stopPartitions = startPartitions(tools);
    const stopBeats = startBeats(tools);
    tools.log.info({ stopped: await isTold }, 'stopping');
    await Promise.all([server.stop(8), stopBeats(), stopDigests(), stopPartitions()]);
  } finally {
    await close();
  }
}

/** Partners may reach the gateway by another name than the one it listens on. */
function placeOf({ host, port, origin }: { host: string; port: number; origin: string }): string {
  if (origin === `http://${host}:${String(port)}`) return origin;
  return `${host}, port ${String(port)}, as ${origin}`;
}

/** Resolves with the signal that tells this process to stop. */
export function signal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.on(name, () => {
        resolve(name);
      });
    }
  });
}
