import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readHeadCheckpoint } from '../../src/heads/index.ts';
import { findHead, headLog } from '../../src/logs/index.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { guardRollback } from '../../src/renewals/index.ts';
import { noteSigner } from '../../src/transparency/index.ts';
import { openWitness, type OpenWitness } from '../witness/open-witness.ts';
import {
  auditOf,
  beatMs,
  disclose,
  honest,
  type Prepared,
  type Program,
  type Run,
} from './stepped-logs.ts';
import { startSteps, wireToHttp, wireToPostgres, type Cut, type Steps } from './wire.ts';

/** A prepared house, which is written to over a wire that can be cut. */
interface World extends Pick<Prepared, 'house'> {
  /** Its database is at the end of the wire. */
  readonly wired: Tools;
  readonly steps: Steps;
  readonly witness: OpenWitness;
}

async function inWorld<Result>(
  prepared: Prepared,
  program: Program,
  work: (world: World) => Promise<Result>,
): Promise<Result> {
  const { origin, keys } = prepared.house.tools.settings;
  const key = noteSigner(`${new URL(origin).host}/log/head`, keys.log).verifierKey;
  const witness = await openWitness(key);
  const steps = startSteps();
  const toWitness = await wireToHttp(witness.url, witnessStep, steps);
  const { house } = prepared;
  const { dataDir } = house.tools.settings;
  const trustPolicyFile = join(dataDir, `trust-policy-${witness.vkey.replaceAll('/', '_')}`);
  writeFileSync(trustPolicyFile, `witness w ${witness.vkey} ${toWitness.url}\nquorum w\n`);
  const wire = await wireToPostgres(house.urls.app, steps);
  const db = program.openDatabase(wire.url, { max: 4 });
  const settings = { ...house.tools.settings, trustPolicyFile };
  const wired = { ...house.tools, db, settings };
  try {
    return await work({ house, wired, steps, witness });
  } finally {
    await db.destroy();
    await wire.close();
    await prepared.rewind();
    await toWitness.close();
    await witness.close();
  }
}

const witnessStep = 'the post to the witness';

/**
 * Takes a beat of which one step fails, the same beat again, then `more` beats; each as after a
 * restart, but for the first.
 */
export function runBeats(
  prepared: Prepared,
  {
    more,
    cut,
    isFileInTheWay = false,
    program = honest,
  }: { more: number; cut?: Cut | undefined; isFileInTheWay?: boolean; program?: Program },
): Promise<Run> {
  return inWorld(prepared, program, async (world) => {
    const { wired, steps } = world;
    const { clock, logs } = prepared;
    const { tools } = prepared.house;
    const witnessed = { ...tools, settings: wired.settings };
    const wrong: string[] = [];
    let size = prepared.size;
    if (size > 0) {
      clock.advance(beatMs);
      await program.runBeat(wired);
      size += 1;
    }
    await disclose(tools, logs[0]);
    clock.advance(beatMs);
    const draft = join(tools.settings.dataDir, 'head-checkpoint.new');
    if (isFileInTheWay) mkdirSync(draft);
    steps.watch(cut);
    await program.runBeat(wired).catch(() => undefined);
    const names = [...steps.names];
    if (isFileInTheWay) rmdirSync(draft);
    wrong.push(...(await wrongInKept(world, [size, size + 1])));
    // A step that comes late has come.
    if (cut?.kind === 'persisted late') await wait(60);
    for (let beat = 0; beat <= more; beat += 1) {
      if (beat > 0) clock.advance(beatMs);
      await program.runBeat(beat === 0 ? wired : witnessed).catch((error: unknown) => {
        wrong.push(`the beat after it: ${String(error)}`);
      });
      size += 1;
      wrong.push(...(await wrongInKept(world, [size])));
      wrong.push(...(await wrongAtWitness(world, size)));
    }
    const isFaulty = cut !== undefined || isFileInTheWay;
    return { steps: names, wrong: [...wrong, ...(await auditOf(prepared, isFaulty))] };
  });
}

/** The head log is as large as it may be, and what is kept beside it is a part of it. */
async function wrongInKept(
  { house: { tools } }: World,
  allowed: readonly number[],
): Promise<string[]> {
  const size = (await findHead(tools.db, headLog))?.size ?? 0;
  const wrong = allowed.includes(size) ? [] : [`the head log has ${size}, not ${allowed.join()}`];
  await guardRollback(tools).catch((error: unknown) => {
    wrong.push(`it would not start: ${String(error)}`);
  });
  const kept = keptSize(tools);
  if (kept > size) wrong.push(`${kept} are kept of ${size}`);
  if (allowed.length === 1 && kept !== size) wrong.push(`${kept} are kept, not ${size}`);
  return wrong;
}

function keptSize({ settings }: Tools): number {
  try {
    const text = readFileSync(join(settings.dataDir, 'head-checkpoint'), 'utf8');
    return Number(text.split('\n')[1]);
  } catch {
    return 0;
  }
}

/** The witness has cosigned the head as it is, and we know it. */
async function wrongAtWitness(
  { house: { tools }, wired, witness }: World,
  size: number,
): Promise<string[]> {
  const published = await readHeadCheckpoint({ ...tools, settings: wired.settings });
  const isKept = published?.isCosigned === true && published.size === size;
  const wrong = isKept ? [] : ['the cosignature of the head is not kept'];
  const { checkpoint = '' } = published ?? {};
  const note = checkpoint.split('\n').filter((line) => !line.startsWith('— w')).join('\n'); // prettier-ignore
  const answer = await witness.ask(`old 0\n\n${note}`);
  const isThere = answer?.status === 409 && answer.text === `${size}\n`;
  if (!isThere) wrong.push(`the witness has ${String(answer?.text.trim())}, not ${size}`);
  return [...wrong, ...witness.said.map((line) => `the witness says: ${line}`)];
}
