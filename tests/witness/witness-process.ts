import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startNode, type Child } from '../support/child.ts';
import { runCommand } from '../support/run-command.ts';
import { textOf, timesCosigned } from './cosigned.ts';

/** A witness as somebody runs it: a process with a key and a state folder of its own. */
export interface WitnessHome {
  readonly folder: string;
  readonly state: string;
  readonly keyFile: string;
  readonly vkey: string;
  /** The command line of `sluice witness` for these logs. */
  words(...logs: string[]): string[];
  start(main: string, ...logs: string[]): Promise<WitnessProcess>;
  /** The words with which Node runs the same witness out of a build, without the command line. */
  bare(main: string, ...logs: string[]): string[];
  close(): void;
}

export interface WitnessProcess {
  readonly child: Child;
  readonly url: string;
  /** What came for a request body; undefined when the connection broke. */
  ask(body: string): Promise<{ status: number; type: string | null; text: string } | undefined>;
}

export async function openWitnessHome(name = 'witness.example/w1'): Promise<WitnessHome> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-witness-'));
  const keyFile = join(folder, 'w.key');
  const state = join(folder, 'state');
  const made = await runCommand(['witness', 'key', '--name', name, '--out', keyFile], {});
  if (made.code !== 0) throw new Error(made.text);
  const words = (...logs: string[]) => [
    ...['witness', '--name', name, '--key', keyFile, '--state', state],
    ...logs.flatMap((log) => ['--log', log]),
  ];
  return {
    folder,
    state,
    keyFile,
    vkey: made.text.trim(),
    words,
    start: async (main, ...logs) => listening(startNode([main, ...words(...logs)])),
    bare: (main, ...logs) => [
      ...['--input-type=module', '-e', bareWitness, dirname(main), keyFile, state],
      ...logs,
    ],
    close: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts in a third of the time of the whole program. */
const bareWitness = `
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
const [build, keyFile, folder, ...vkeys] = process.argv.slice(1);
const { parseVerifierKey } = await import(build + '/transparency/index.js');
const { openState, parseKeyLine, serveWitness } = await import(build + '/witness/index.js');
const signer = parseKeyLine(readFileSync(keyFile, 'utf8'));
const random = { bytes: randomBytes };
const state = await openState(folder, { keyFile, signer, random });
const clock = { now: () => new Date() };
const logs = vkeys.map((vkey) => parseVerifierKey(vkey));
const witness = { signer, logs, state, clock, say: console.error };
const { port } = await serveWitness(witness, { host: '127.0.0.1', port: 0, random });
console.log('The witness listens on http://127.0.0.1:' + port + '.');
`;

/** Waits until it listens. */
export async function listening(child: Child): Promise<WitnessProcess> {
  const [, url = ''] = await child.says(/listens on (http:\S+)\.\n/);
  return { child, url, ask: (body) => ask(url, body) };
}

export async function ask(url: string, body: string) {
  try {
    const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
    const type = answer.headers.get('content-type');
    return { status: answer.status, type, text: await answer.text() };
  } catch {
    return undefined;
  }
}

/** Whether an answer holds a valid cosignature on the note; throws for a 200 that holds none. */
export function isCosigned(
  answer: { status: number; text: string } | undefined,
  note: string,
  vkey: string,
): boolean {
  return answer?.status === 200 && timesCosigned(answer.text, textOf(note), vkey).length > 0;
}
