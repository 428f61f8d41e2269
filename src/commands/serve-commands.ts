import type { Command } from 'commander';
import { startPartitions } from '../archive/index.ts';
import { startDigests } from '../completeness/index.ts';
import { createGateway } from '../gateway.ts';
import { guardWitnesses, readTrust, startBeats } from '../heads/index.ts';
import { guardRollback } from '../renewals/index.ts';
import { checkFree, listen, type RunningServer } from '../platform/http/lifecycle.ts';
import { openTls } from '../platform/http/tls.ts';
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
    await checkFree(tools.settings);
    await readTrust(tools.settings);
    await guardRollback(tools);
    await guardWitnesses(tools);
    await prepare(tools);
    const { origin, host } = tools.settings;
    const [server, ...others] = await listenAll(tools);
    const stopDigests = startDigests(tools);
    printText(`Sluice serves on ${placeOf({ host, port: server.port, origin })}.`);
    for (const { port } of others) printText(`It asks for certificates on port ${String(port)}.`);
    const stopPartitions = startPartitions(tools);
    const stopBeats = startBeats(tools);
    tools.log.info({ stopped: await isTold }, 'stopping');
    const stopServers = [server, ...others].map((one) => one.stop(8));
    await Promise.all([...stopServers, stopBeats(), stopDigests(), stopPartitions()]);
  } finally {
    await close();
  }
}

/** The gateway on its port, and on the one that asks for certificates where that is wanted. */
async function listenAll(tools: Tools): Promise<[RunningServer, ...RunningServer[]]> {
  const { settings, random } = tools;
  const { host, port, mtlsPort } = settings;
  const tls = settings.tls && (await openTls(settings.tls, tools));
  const gateway = createGateway(tools);
  const server = await listen(gateway, { host, port, random, tls });
  if (mtlsPort === undefined) return [server];
  const asking = { host, port: mtlsPort, random, tls, needsCertificate: true };
  try {
    return [server, await listen(gateway, asking)];
  } catch (error) {
    await server.stop(0);
    throw error;
  }
}

/** Partners may reach the gateway by another name than the one it listens on. */
function placeOf({ host, port, origin }: { host: string; port: number; origin: string }): string {
  if (['http', 'https'].some((scheme) => origin === `${scheme}://${host}:${String(port)}`)) {
    return origin;
  }
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
