import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkpointText, noteSigner, signNote } from '../../src/transparency/index.ts';
import { textOf, timesCosigned } from './cosigned.ts';
import { bodyOf, testLog } from './logs.ts';
import { openWitness, second, type OpenWitness } from './open-witness.ts';
import { isCosigned } from './witness-process.ts';

const log = testLog();
const other = testLog('other.example/log', 8);
const stranger = testLog('stranger.example/log', 9);
const fileOf = (origin: string) => createHash('sha256').update(origin).digest('hex');

let witness: OpenWitness;
beforeEach(async () => {
  witness = await openWitness(log.vkey, other.vkey);
});
afterEach(() => witness.close());

/** A checkpoint's text signed with the key of the log, whatever the text says. */
const signed = (text: string) => signNote(text, noteSigner(log.origin, Buffer.alloc(32, 7)));
const textWith = (size: number, root: Buffer) => checkpointText({ origin: log.origin, size, root });
const cosigns = async (body: string, note: string) =>
  isCosigned(await witness.ask(body), note, witness.vkey);

test('a checkpoint is cosigned to the second, and what continues it after it', async () => {
  for (const [from, size] of [
    [0, 3],
    [3, 3],
    [3, 7],
    [7, 8],
    [8, 65],
  ] as const) {
    const answer = await witness.ask(log.asks(from, size));
    expect(answer).toMatchObject({ status: 200, text: expect.stringMatching(/^— [^\n]+\n$/) });
    const times = timesCosigned(answer!.text, textOf(log.note(size)), witness.vkey);
    expect(times).toEqual([second]);
  }
  // Another log has a state of its own.
  expect(await cosigns(other.asks(0, 5), other.note(5))).toBe(true);
  expect(readdirSync(witness.state)).toEqual(
    expect.arrayContaining([fileOf(log.origin), fileOf(other.origin)]),
  );
});

test('extension lines are cosigned with the checkpoint, foreign signatures passed over', async () => {
  const text = `${textOf(log.note(2))}an extension\nand another\n`;
  const note = signed(text) + stranger.note(1).split('\n\n')[1]!;
  expect(await cosigns(bodyOf(0, [], note), note)).toBe(true);
});

const root = Buffer.alloc(32, 1);
const emptyRoot = createHash('sha256').digest();
const unsigned = `${textOf(log.note(9))}\n— nobody.example AAAAAAA=\n`;
const [wellSigned = ''] = log.note(9).split('\n').slice(-2);
const stale = { status: 409, type: 'text/x.tlog.size', text: '4\n' };

test.each<readonly [what: string, status: number, body: string]>([
  ['nothing', 400, ''],
  ['no checkpoint', 400, 'old 4\n\n'],
  ['no old size', 400, log.note(9)],
  ['a word for a size', 400, bodyOf('four', [], log.note(9))],
  ['a size with a leading zero', 400, bodyOf('04', log.path(4, 9), log.note(9))],
  ['a negative size', 400, bodyOf('-4', log.path(4, 9), log.note(9))],
  ['a size with a blank behind', 400, bodyOf('4 ', log.path(4, 9), log.note(9))],
  ['two blanks', 400, bodyOf(' 4', log.path(4, 9), log.note(9))],
  ['no word before the size', 400, log.asks(4, 9).replace('old ', '')],
  ['a size beyond all sizes', 400, bodyOf('99999999999999999999', [], log.note(9))],
  ['a carriage return', 400, log.asks(4, 9).replaceAll('\n', '\r\n')],
  ['a hash that is cut', 400, bodyOf(4, [...log.path(4, 9), Buffer.alloc(31)], log.note(9))],
  [
    'a hash in base64url',
    400,
    bodyOf(4, [Buffer.alloc(32, 0xfb)], log.note(9)).replaceAll('+', '-'),
  ],
  ['64 hashes', 400, bodyOf(4, Array<Buffer>(64).fill(root), log.note(9))],
  ['no empty line', 400, log.asks(4, 9).replace('\n\n', '\n')],
  ['a checkpoint of two lines', 400, bodyOf(4, [], signed('log.example/head\n9\n'))],
  ['a root of 31 bytes', 400, bodyOf(4, [], signed(textWith(9, root.subarray(1))))],
  ['no signature', 400, bodyOf(4, log.path(4, 9), textOf(log.note(9)))],
  ['no last newline', 400, log.asks(4, 9).slice(0, -1)],
  ['a tab', 400, bodyOf(4, [], signed(`${textOf(log.note(9))}\t\n`))],
  ['an unknown log', 404, stranger.asks(0, 9)],
  ['an unknown log with a known signature', 404, bodyOf(0, [], signed(textOf(stranger.note(9))))],
  ['no known signature', 403, bodyOf(4, log.path(4, 9), unsigned)],
  [
    'a signature for another size',
    403,
    bodyOf(4, log.path(4, 9), `${textOf(log.note(9))}\n${log.note(8).split('\n').at(-2)}\n`),
  ],
  [
    'the signature of another known log',
    403,
    bodyOf(4, [], signNote(textOf(log.note(9)), noteSigner(other.origin, Buffer.alloc(32, 8)))),
  ],
  [
    'a right and a wrong signature of the key',
    403,
    bodyOf(
      4,
      log.path(4, 9),
      `${textOf(log.note(9))}\n${log.note(8).split('\n').at(-2)}\n${wellSigned}\n`,
    ),
  ],
  ['an old size above the checkpoint’s', 400, bodyOf(10, [], log.note(9))],
  ['an old size above a small checkpoint’s', 400, bodyOf(4, [], log.note(3))],
  ['no proof', 422, bodyOf(4, [], log.note(9))],
  ['a proof cut short', 422, bodyOf(4, log.path(4, 9).slice(1), log.note(9))],
  ['a proof too long', 422, bodyOf(4, [...log.path(4, 9), root], log.note(9))],
  ['a proof from another size', 422, bodyOf(4, log.path(5, 9), log.note(9))],
  ['a fork with its own proof', 422, log.asks(4, 9, 2)],
  ['a proof that the same is the same', 422, bodyOf(4, [root], log.note(4))],
])('%s: %i', async (_what, status, body) => {
  expect(await cosigns(log.asks(0, 4), log.note(4))).toBe(true);
  const refused = await witness.ask(body);
  expect(refused).toMatchObject({ status, type: 'text/plain; charset=utf-8' });
  expect(refused!.text).not.toContain('—');
  // It changed nothing.
  expect(await witness.ask(log.asks(0, 9))).toEqual(stale);
  expect(await cosigns(log.asks(4, 9), log.note(9))).toBe(true);
});

test('another old size is told the size it should be, and nothing else', async () => {
  expect(await witness.ask(log.asks(3, 9))).toEqual({ ...stale, text: '0\n' });
  await witness.ask(log.asks(0, 4));
  for (const old of [0, 3, 5, 9]) expect(await witness.ask(log.asks(old, 9))).toEqual(stale);
  expect(await witness.ask(log.asks(0, 3))).toEqual(stale);
});

test('another root of the same size is refused, and so is a tree of no leaves with a root', async () => {
  const some = bodyOf(0, [], signed(textWith(0, root)));
  expect(await witness.ask(some)).toMatchObject({ status: 422 });
  const none = signed(textWith(0, emptyRoot));
  expect(await cosigns(bodyOf(0, [], none), none)).toBe(true);
  expect(await witness.ask(some)).toMatchObject({ status: 409, type: 'text/plain; charset=utf-8' });
  expect(await cosigns(log.asks(0, 4), log.note(4))).toBe(true);
  const fork = await witness.ask(log.asks(4, 4, 2));
  expect(fork).toMatchObject({ status: 409, type: 'text/plain; charset=utf-8' });
  expect(await witness.ask(log.asks(0, 9))).toEqual(stale);
});

test('what was asked without a proof from an empty tree has none', async () => {
  expect(await witness.ask(bodyOf(0, [root], log.note(4)))).toMatchObject({ status: 422 });
  expect(await cosigns(log.asks(0, 4), log.note(4))).toBe(true);
});

test('a fork is kept as evidence beside what was cosigned, once, and only so many', async () => {
  await witness.ask(log.asks(0, 4));
  const kept = log.note(4);
  await witness.ask(log.asks(4, 4, 2));
  await witness.ask(log.asks(4, 4, 2));
  // Seen also where the client names another old size.
  await witness.ask(log.asks(0, 4, 1));
  const shelf = join(witness.state, 'evidence');
  const names = readdirSync(shelf);
  expect(names.filter((name) => name.endsWith('.refused'))).toHaveLength(2);
  const [name = ''] = /fork-[0-9a-f-]+/.exec(witness.said[0]!) ?? [];
  expect(readFileSync(join(shelf, `${name}.refused`), 'utf8')).toBe(log.note(4, 2));
  const cosigned = readFileSync(join(shelf, `${name}.cosigned`), 'utf8');
  expect(cosigned.startsWith(kept)).toBe(true);
  expect(timesCosigned(cosigned.slice(kept.length), textOf(kept), witness.vkey)).toEqual([second]);
  expect(witness.said).toHaveLength(2);
  // What is only not proven: few of them, so that nobody fills the disk.
  for (let size = 5; size < 25; size += 1) await witness.ask(bodyOf(4, [root], log.note(size)));
  const doubts = readdirSync(shelf).filter((one) => /^doubt-.*\.refused$/.test(one));
  expect(doubts).toHaveLength(8);
  const text = (i: number) => textWith(4, createHash('sha256').update(`${i}`).digest());
  for (let i = 0; i < 80; i += 1) await witness.ask(bodyOf(4, [], signed(text(i))));
  const forks = readdirSync(shelf).filter((one) => /^fork-.*\.refused$/.test(one));
  expect(forks).toHaveLength(64);
});

test('a record that was lost or damaged ends the cosigning of that log', async () => {
  await witness.ask(log.asks(0, 4));
  const file = join(witness.state, fileOf(log.origin));
  const whole = readFileSync(file);
  const asks = log.asks(4, 9);
  const is503 = async () => {
    expect(await witness.ask(asks)).toMatchObject({ status: 503 });
    expect(await witness.ask(log.asks(0, 9))).toMatchObject({ status: 503 });
    expect(witness.said.at(-1)).toMatch(/Give back the very files .* a new key by/);
  };
  rmSync(file);
  await is503();
  for (const damaged of [
    whole.subarray(0, -2),
    Buffer.alloc(0),
    Buffer.from(whole.toString().replace('\n4\n', '\n3\n')),
  ]) {
    writeFileSync(file, damaged);
    await is503();
  }
  // The record of another log is none of this one.
  await witness.ask(other.asks(0, 4));
  writeFileSync(file, readFileSync(join(witness.state, fileOf(other.origin))));
  await is503();
  expect(await cosigns(other.asks(4, 9), other.note(9))).toBe(true);
  writeFileSync(file, whole);
  expect(await cosigns(asks, log.note(9))).toBe(true);
});

test('what cannot be kept is not cosigned', async () => {
  await witness.ask(log.asks(0, 4));
  renameSync(witness.state, `${witness.state}-away`);
  expect(await witness.ask(log.asks(4, 9))).toMatchObject({ status: 503 });
  renameSync(`${witness.state}-away`, witness.state);
  expect(await cosigns(log.asks(4, 9), log.note(9))).toBe(true);
});

test('a signature that is given a hundred times does no harm', async () => {
  const note = log.note(4) + `${log.note(4).split('\n').at(-2)!}\n`.repeat(99);
  expect(await cosigns(bodyOf(0, [], note), note)).toBe(true);
  expect(await cosigns(log.asks(4, 9), log.note(9))).toBe(true);
});

test('there is one path and one method', async () => {
  const status = async (path: string, method: string) => {
    const answer = await fetch(`${witness.url}${path}`, { method });
    await answer.arrayBuffer();
    return [answer.status, answer.headers.get('allow')];
  };
  expect(await status('/', 'POST')).toEqual([404, null]);
  expect(await status('/add-checkpoint/', 'POST')).toEqual([404, null]);
  expect(await status('/add-checkpoint?x', 'POST')).toEqual([404, null]);
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
    expect(await status('/add-checkpoint', method)).toEqual([405, 'POST']);
  }
});

test('a body has at most 64 KiB, told or not', async () => {
  const body = `${log.asks(0, 4)}${'x'.repeat(65_536)}`;
  expect(await witness.ask(body)).toMatchObject({ status: 413 });
  const chunked = await new Promise((resolve, reject) => {
    const sending = request(`${witness.url}/add-checkpoint`, { method: 'POST' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sending.once('error', reject);
    for (let part = 0; part < 9; part += 1) sending.write('x'.repeat(8_192));
    sending.end();
  });
  expect(chunked).toBe(413);
  const junk = log.note(4) + `${stranger.note(1).split('\n').at(-2)!}\n`.repeat(99);
  expect(await cosigns(bodyOf(0, [], junk), junk)).toBe(true);
});

test('bytes that are not UTF-8 are refused, a body that breaks off has no answer', async () => {
  const body = Buffer.concat([Buffer.from(log.asks(0, 4)), Buffer.of(0xff, 0x0a)]);
  const answer = await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body });
  expect(answer.status).toBe(400);
  const socket = connect(witness.port, '127.0.0.1');
  socket.write('POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 100\r\n\r\nold 0');
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.destroy();
  expect(await cosigns(log.asks(0, 4), log.note(4))).toBe(true);
});

test('N and N + K at once, many times: one of them is cosigned, and nothing is rolled back', async () => {
  let size = 0;
  for (let round = 0; round < 100; round += 1) {
    const sizes = [1, 2, 3, 5, 8].map((more) => size + more);
    const asked = [...sizes, ...sizes.map((one) => one + 1)];
    const answers = await Promise.all(
      asked.map(async (to) => ({ to, answer: await witness.ask(log.asks(size, to)) })),
    );
    const won = answers.filter(({ answer }) => answer!.status === 200);
    expect(won).toHaveLength(1);
    const [{ to } = { to: 0 }] = won;
    expect(isCosigned(won[0]!.answer, log.note(to), witness.vkey)).toBe(true);
    for (const { answer } of answers.filter((one) => one !== won[0])) {
      expect([answer!.status, Number(answer!.text)]).toEqual(
        answer!.type === 'text/x.tlog.size' ? [409, to] : [400, NaN],
      );
    }
    const note = readFileSync(join(witness.state, fileOf(log.origin)), 'utf8');
    expect(note.split('\n')[1]).toBe(String(to));
    size = to;
  }
}, 60_000);

test('of forks shown at once one is cosigned, and then none of the others', async () => {
  const logs = Array.from({ length: 50 }, (_, i) => testLog(`log.example/${i}`));
  const many = await openWitness(...logs.map(({ vkey }) => vkey));
  for (const one of logs) {
    const forks = [undefined, 0, 1, 2];
    const answers = await Promise.all(forks.map((forkAt) => many.ask(one.asks(0, 3, forkAt))));
    const statuses = answers.map((answer) => answer!.status);
    expect([...statuses].sort()).toEqual([200, 409, 409, 409]);
    const next = await Promise.all(forks.map((forkAt) => many.ask(one.asks(3, 9, forkAt))));
    expect(next.map((answer) => answer!.status)).toEqual(
      statuses.map((status) => (status === 200 ? 200 : expect.any(Number))),
    );
    expect(next.filter((answer) => answer!.status === 200)).toHaveLength(1);
  }
  await many.close();
});
