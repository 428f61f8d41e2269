import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandomness } from '../../src/platform/randomness.ts';
import { parseVerifierKey } from '../../src/transparency/index.ts';
import { keyLine, openState, parseKeyLine, serveWitness } from '../../src/witness/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { ask } from './witness-process.ts';

export interface OpenWitness {
  readonly url: string;
  readonly port: number;
  readonly vkey: string;
  readonly state: string;
  readonly said: string[];
  ask(body: string): ReturnType<typeof ask>;
  close(): Promise<void>;
}

/** The second at which the clock of a witness in this process stands. */
export const second = 1_800_000_000;

/** A new witness within this process that follows these logs. */
export async function openWitness(...vkeys: string[]): Promise<OpenWitness> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-witness-'));
  const home = { keyFile: join(folder, 'w.key'), state: join(folder, 'state') };
  writeFileSync(home.keyFile, keyLine('witness.example/w1', systemRandomness.bytes(32)));
  const witness = await reopenWitness(home, ...vkeys);
  return {
    ...witness,
    close: async () => {
      await witness.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The witness of this key and state folder within this process. */
export async function reopenWitness(
  { keyFile, state: folder }: { readonly keyFile: string; readonly state: string },
  ...vkeys: string[]
): Promise<OpenWitness> {
  const signer = parseKeyLine(readFileSync(keyFile, 'utf8'))!;
  const random = systemRandomness;
  const state = await openState(folder, { keyFile, signer, random });
  const said: string[] = [];
  const clock = { ...systemClock, now: () => new Date(second * 1000 + 999) };
  const logs = vkeys.map((vkey) => parseVerifierKey(vkey)!);
  const say = (line: string) => said.push(line);
  try {
    const place = { host: '127.0.0.1', port: 0, random };
    const server = await serveWitness({ signer, logs, state, clock, say }, place);
    const url = `http://127.0.0.1:${server.port}`;
    return {
      url,
      port: server.port,
      vkey: signer.verifierKey,
      state: folder,
      said,
      ask: (body) => ask(url, body),
      close: async () => {
        await server.stop(0);
        state.close();
      },
    };
  } catch (error) {
    state.close();
    throw error;
  }
}
