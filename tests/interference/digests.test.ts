import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { digestDay } from '../../src/completeness/index.ts';
import { noon } from '../support/house.ts';
import { hide, settle } from './hidden-changes.ts';
import { honest } from './program.ts';
import { pairs, type Pair } from './replay.ts';
import { learn } from './script.ts';
import { openWorlds, tokenOf, type Asked, type World } from './worlds.ts';

/**
 * The day after, every log has the digest of whom it showed. What is hidden from a partner may
 * change neither that there is one nor where it stands nor what it says; its root is random, since
 * pseudonyms come of secrets.
 */

const wanted = Number(process.env['SLUICE_TEST_PAIRS'] ?? 100) / 20;
jest.setTimeout(60_000 + wanted * 10_000);

const day = 86_400_000;

test('promise P09: a day’s digests tell a partner nothing of what it may not see', async () => {
  let digests = 0;
  const worlds = await openWorlds(honest);
  try {
    for (const [number, pair] of fc.sample(pairs, wanted).entries()) {
      const [plain, changed] = await readNextDay(worlds, number, pair);
      expect(changed).toEqual(plain);
      digests += plain.join().split('"event":"subjects-digest"').length - 1;
    }
  } finally {
    await Promise.all(worlds.map((world) => world.close()));
  }
  // Of every second pair the log has something to tell.
  expect(digests).toBeGreaterThanOrEqual(Math.ceil(wanted / 2));
});

/** What the partner of a pair reads of its log in each world on the next day. */
async function readNextDay(
  worlds: readonly [World, World],
  number: number,
  pair: Pair,
): Promise<readonly [readonly string[], readonly string[]]> {
  const inBoth = async <Result>(step: string, run: (world: World, at: 0 | 1) => Promise<Result>) =>
    Promise.all(
      worlds.map((world, at) => {
        world.begin(`${String(number)} ${step}`);
        return run(world, at === 0 ? 0 : 1);
      }),
    ) as Promise<[Result, Result]>;
  for (const { clock } of worlds) clock.set(new Date(noon.getTime() + number * 2 * day));
  const parties = await inBoth('settle', (world) => settle(world, number, pair));
  const known = await inBoth('tokens', (world, at) => learn(world, parties[at]));
  const isIdle = number % 2 === 1;
  if (!isIdle) {
    await inBoth('pages', async (world, at) => {
      for (const path of ['/v1/customers', '/v1/customers?limit=2']) {
        expect((await world.ask(asked(path, known[at].tokens.full))).status).toMatch(/^200/);
      }
    });
  }
  for (const [serial, { change }] of pair.hidden.entries()) {
    worlds[1].begin(`${String(number)} hidden ${String(serial)}`);
    await hide(worlds[1], parties[1], { change, serial });
  }
  for (const { clock } of worlds) clock.advance(day);
  await inBoth('night', ({ house }) => digestDay(house.tools));
  return inBoth('morning', async (world, at) => {
    const token = await tokenOf(world, parties[at].bright);
    const log = `/log/${known[at].logId}`;
    const checkpoint = await readAs(world, `${log}/checkpoint`, token);
    const size = /\n(\d+)\n/.exec(checkpoint.split('\n\n')[1] ?? '')?.[1] ?? '0';
    const paths = [
      '/v1/disclosures',
      `${log}/tile/entries/000.p/${size}`,
      `${log}/tile/0/000.p/${size}`,
    ];
    const rest = [];
    for (const path of paths) rest.push(await readAs(world, path, token));
    return [checkpoint, ...rest];
  });
}

const asked = (path: string, token: string | undefined): Asked => ({
  method: 'GET',
  path,
  headers: { Authorization: `Bearer ${token ?? ''}` },
});

/** An answer but for what the digest's root makes random. */
async function readAs(world: World, path: string, token: string): Promise<string> {
  const { status, headers, body } = await world.ask(asked(path, token));
  const isHashes = path.includes('/tile/0/') && status.startsWith('200');
  const told = isHashes ? '#'.repeat(body.length) : body.replaceAll(rootOrSigned, (found) => '#'.repeat(found.length)); // prettier-ignore
  return `${status}\n${headers}\n\n${told}`;
}

/** The root that a digest says, and the root and signature of a checkpoint over it. */
const rootOrSigned = /(?<="root":")[\w-]{43}|^[A-Za-z0-9+/]{43}=$|(?<= )[A-Za-z0-9+/]{80,}=*$/gm;
