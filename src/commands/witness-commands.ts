import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { systemClock } from '../platform/clock.ts';
import { systemRandomness } from '../platform/randomness.ts';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import {
  isKeyName,
  parseVerifierKey,
  type NoteSigner,
  type NoteVerifier,
} from '../transparency/index.ts';
import { keyLine, openState, parseKeyLine, serveWitness } from '../witness/index.ts';
import { readText, writeNew } from './files.ts';
import { misuse, printText, printValue, say, type Printing } from './frame.ts';
import { signal } from './serve-commands.ts';

const KeyUnfit = {
  code: 'witness-key',
  status: 422,
  title: 'This is no key that a witness can use.',
} as const satisfies RefusalKind;

interface WitnessOptions {
  readonly name?: string;
  readonly key?: string;
  readonly state?: string;
  readonly log?: readonly string[];
  readonly host: string;
  readonly port: string;
}

/** `sluice witness`: cosigns the checkpoints of others' logs; needs no database and no settings. */
export function addWitnessCommands(program: Command): void {
  const witness = program
    .command('witness')
    .description('run a witness for logs of others until SIGTERM or Ctrl-C (C2SP tlog-witness)')
    .enablePositionalOptions()
    .option('--name <name>', 'its name, to be sure that the key is the right one')
    .option('--key <file>', 'its key, as `sluice witness key` made it')
    .option('--state <folder>', 'the folder of what it has cosigned, on a disk of this machine')
    .option('--log <vkey...>', 'the verifier key of a log that it follows; may be repeated')
    .option('--host <host>', 'the address to listen on', '127.0.0.1')
    .option('--port <port>', 'the TCP port to listen on; 0 takes a free one', '0')
    .addHelpText(
      'after',
      '\nExample (`/log/keys` of a gateway has its verifier key):' +
        '\n  sluice witness key --name witness.example/w1 --out w1.key' +
        '\n  sluice witness --key w1.key --state ./w1 --log VKEY --port 7980',
    )
    .action(run);
  witness
    .command('key')
    .description('make the key of a new witness; prints its verifier key')
    .requiredOption('--name <name>', 'the name, best a URL without its scheme')
    .requiredOption('--out <file>', 'where to write the key: a file that is not there yet')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice witness key --name witness.example/w1 --out w1.key')
    .action(async ({ name, out, ...printing }: Printing & { name: string; out: string }) => {
      if (!isKeyName(name)) misuse('--name has no space and no plus sign.');
      const line = keyLine(name, systemRandomness.bytes(32));
      await writeNew(out, line);
      const vkey = parseKeyLine(line)?.verifierKey ?? '';
      printValue(printing.json === true ? { name, vkey } : vkey, printing);
    });
}

async function run({ name, key, state: folder, log: vkeys, host, port }: WitnessOptions) {
  if (key === undefined) return misuse('--key is needed: `sluice witness key` makes one.');
  if (folder === undefined) return misuse('--state is needed: the folder of what it has cosigned.');
  if (!vkeys) return misuse('--log is needed: the verifier key of a log to follow.');
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) return misuse('--port is a TCP port.');
  const logs = vkeys.map(logKey);
  const signer = await readKey(key, name);
  const isTold = signal();
  const random = systemRandomness;
  const state = await openState(folder, { keyFile: key, signer, random });
  try {
    const witness = { signer, logs, state, clock: systemClock, say };
    const server = await serveWitness(witness, { host, port: Number(port), random });
    printText(`Witness ${signer.name} listens on ${urlOf(host, server.port)}.`);
    printText(signer.verifierKey);
    await isTold;
    await server.stop(8);
  } finally {
    state.close();
  }
}

function logKey(vkey: string): NoteVerifier {
  return parseVerifierKey(vkey) ?? misuse(`--log ${vkey} is no verifier key of a log.`);
}

async function readKey(file: string, name: string | undefined): Promise<NoteSigner> {
  const signer = parseKeyLine(await readText(file));
  if (!signer) throw new Refusal(KeyUnfit, `${file} is no key of a witness.`);
  if (((await stat(file)).mode & 0o077) !== 0) {
    throw new Refusal(KeyUnfit, `${file} can be read by others: its rights must be 0600.`);
  }
  if (name !== undefined && name !== signer.name) {
    throw new Refusal(KeyUnfit, `${file} is the key of ${signer.name}, not of ${name}.`);
  }
  return signer;
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}
