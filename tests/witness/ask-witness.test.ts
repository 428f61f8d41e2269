import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { cosign, cosigner } from '../../src/transparency/index.ts';
import { askWitness, type Asking } from '../../src/witness/index.ts';
import { textOf, timesCosigned } from './cosigned.ts';
import { testLog } from './logs.ts';
import { openWitness } from './open-witness.ts';

const log = testLog();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function witnessOf(...vkeys: string[]) {
  const witness = await openWitness(...vkeys);
  closers.push(() => witness.close());
  const { url, vkey } = witness;
  return { witness, known: { name: 'w1', vkey, url: `${url}/` } };
}

/** A server in a witness's place, which counts what it is asked. */
async function impostor(answers: RequestListener) {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      asked.push(body);
      answers(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, known: { name: 'w1', vkey: signer.verifierKey, url } };
}

const signer = cosigner('witness.example/w1', Buffer.alloc(32, 1));
const asking = (witness: Asking['witness'], size: number, lastSize: number): Asking => ({
  witness,
  note: log.note(size),
  lastSize,
  consistency: (from) => log.path(from, size),
});

test('a witness cosigns each checkpoint, also where its last size is not known any more', async () => {
  const { known } = await witnessOf(log.vkey);
  for (const [size, lastSize] of [
    [3, 0],
    [3, 3],
    [7, 3],
    [9, 0],
    [12, 4],
    [12, 0],
    [20, 40],
  ] as const) {
    const asked = await askWitness(asking(known, size, lastSize));
    if (!('cosigned' in asked)) throw new Error(asked.refused);
    expect(timesCosigned(asked.cosigned, textOf(log.note(size)), known.vkey)).toHaveLength(1);
  }
  // Behind what was once published: the database was rolled back, and the witness says so.
  expect(await askWitness(asking(known, 11, 11))).toEqual({
    refused: 'it has cosigned a larger tree: 20',
    lastSize: 20,
  });
});

test('a fork is cosigned by nobody who has seen the log', async () => {
  const { known } = await witnessOf(log.vkey);
  await askWitness(asking(known, 5, 0));
  const fork = (size: number, lastSize: number): Asking => ({
    ...asking(known, size, lastSize),
    note: log.note(size, 2),
    consistency: (from) => log.path(from, size, 2),
  });
  expect(await askWitness(fork(5, 5))).toEqual({
    refused: 'it has cosigned another root of that size (409)',
  });
  expect(await askWitness(fork(9, 0))).toEqual({
    refused: 'it does not find the proof right (422)',
  });
});

test('a witness that does not follow the log says so', async () => {
  const { known } = await witnessOf(testLog('other.example/log', 8).vkey);
  expect(await askWitness(asking(known, 5, 0))).toEqual({
    refused: 'it does not know the log (404)',
  });
  const impostorOfLog = await witnessOf(testLog(log.origin, 8).vkey);
  expect(await askWitness(asking(impostorOfLog.known, 5, 0))).toEqual({
    refused: 'it does not know the key of the log (403)',
  });
});

const good = cosign(textOf(log.note(5)), 1, signer);
const other = cosigner('witness.example/w2', Buffer.alloc(32, 2));
const foreign = cosign(textOf(log.note(5)), 1, other);

test.each([
  ['nothing', ''],
  ['a cosignature of another size', cosign(textOf(log.note(4)), 1, signer)],
  ['a cosignature of another witness', foreign],
  ['one whose name is the witness’s alone', foreign.replace('w2', 'w1')],
  ['a line that does not end', good.slice(0, -1)],
  ['something before it', `ok\n${good}`],
  [
    'another checkpoint with its cosignature',
    `\n${log.note(4)}${cosign(textOf(log.note(4)), 1, signer)}`,
  ],
  ['a wrong one beside a right one', good + cosign(textOf(log.note(4)), 1, signer)],
])('what does not verify is no cosignature: %s', async (_what, text) => {
  const { known } = await impostor((_request, response) => response.end(text));
  expect(await askWitness(asking(known, 5, 0))).toEqual({
    refused: 'its answer has no valid cosignature',
  });
});

test('of several cosignatures the one by the known key is taken', async () => {
  const { known } = await impostor((_request, response) => response.end(foreign + good));
  expect(await askWitness(asking(known, 5, 0))).toEqual({ cosigned: good });
  // One that the checkpoint carries already is none that was given now.
  const again = {
    ...asking(known, 5, 0),
    note: log.note(5) + cosign(textOf(log.note(5)), 9, signer),
  };
  expect(await askWitness(again)).toEqual({ cosigned: good });
});

test('another size is tried once', async () => {
  let size = 1;
  const { known, asked } = await impostor((_request, response) => {
    response.writeHead(409, { 'Content-Type': 'text/x.tlog.size' }).end(`${size}\n`);
    size += 1;
  });
  expect(await askWitness(asking(known, 5, 0))).toEqual({
    refused: 'it has cosigned another size: 2',
    lastSize: 2,
  });
  expect(asked).toEqual([log.asks(0, 5), log.asks(1, 5)]);
});

test.each([
  ['no size', 'four\n', { refused: 'its answer has no size' }],
  ['a line that does not end', '4', { refused: 'its answer has no size' }],
  [
    'the size that was asked from',
    '0\n',
    { refused: 'it has cosigned another size: 0', lastSize: 0 },
  ],
])('an answer with %s is refused without asking again', async (_what, text, refused) => {
  const { known, asked } = await impostor((_request, response) =>
    response.writeHead(409, { 'Content-Type': 'text/x.tlog.size' }).end(text),
  );
  expect(await askWitness(asking(known, 5, 0))).toEqual(refused);
  expect(asked).toHaveLength(1);
});

test('no redirect is followed', async () => {
  const { known: aim, asked } = await impostor((_request, response) => response.end(good));
  const { known } = await impostor((_request, response) =>
    response.writeHead(307, { Location: `${aim.url}/add-checkpoint` }).end(),
  );
  expect(await askWitness(asking(known, 5, 0))).toEqual({ refused: 'it answered with 307' });
  expect(asked).toEqual([]);
});

test('an answer has its bounds in length and in time', async () => {
  const long = await impostor((_request, response) => {
    const pour = () => {
      while (!response.destroyed && response.write('x'.repeat(1_000)));
    };
    response.on('drain', pour);
    pour();
  });
  expect(await askWitness(asking(long.known, 5, 0))).toEqual({ refused: 'its answer is too long' });
  const slow = await impostor((_request, response) => {
    response.write('— ');
  });
  expect(await askWitness(asking(slow.known, 5, 0))).toEqual({
    refused: 'it did not answer within 5 s',
  });
  const broken = new AbortController();
  const ended = askWitness({ ...asking(slow.known, 5, 0), signal: broken.signal });
  broken.abort();
  expect(await ended).toEqual({ refused: 'the asking was broken off' });
});

test('what is no witness is told, not thrown', async () => {
  const known = { name: 'w1', vkey: signer.verifierKey, url: 'http://127.0.0.1:1' };
  const refusalOf = async (one: Asking) => {
    const asked = await askWitness(one);
    return 'refused' in asked ? asked.refused : '';
  };
  expect(await refusalOf(asking(known, 5, 0))).toMatch(/^it can't be reached/);
  for (const url of ['', 'w1', 'file:///etc', 'http://w1/?a', 'http://w1/#a']) {
    expect(await refusalOf(asking({ ...known, url }, 5, 0))).toMatch(/^its URL/);
  }
  expect(await refusalOf(asking({ ...known, vkey: log.vkey }, 5, 0))).toMatch(/^its key/);
  expect(await refusalOf({ ...asking(known, 5, 0), note: 'x' })).toMatch(/no signed checkpoint$/);
});

test('a fault of our own proofs is thrown', async () => {
  const { known } = await witnessOf(log.vkey);
  await askWitness(asking(known, 3, 0));
  const lost = { ...asking(known, 5, 3), consistency: () => Promise.reject(new Error('gone')) };
  await expect(askWitness(lost)).rejects.toThrow('gone');
});
