import { createHash, createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { inTransaction } from '../../src/platform/database.ts';
import { verifiesInclusion } from '../support/verify-inclusion.ts';
import { openFaultHouse, type FaultHouse, type Gateway } from './gateway-process.ts';
import { pull, type Pulled } from './pulls.ts';

jest.setTimeout(120_000);

let house: FaultHouse;
let gateway: Gateway;
const pages: Pulled[] = [];
beforeAll(async () => {
  house = await openFaultHouse({ customers: 10 });
  gateway = await house.serve();
  for (let i = 0; i < 30; i += 1) {
    pages.push(await pull(gateway, i % 2 ? '/v1/invoices?limit=4' : '/v1/customers'));
  }
});
afterAll(() => house.close());

async function audit() {
  const command = house.sluice('log', 'verify');
  const code = await command.ended();
  return { code, text: command.text() };
}

/** Changes one byte of one entry, as a superuser for whom triggers do not count. */
async function changeByte(index: number, from: string, to: string): Promise<void> {
  const changed = await house.withSuperuser((db) =>
    inTransaction(db, async (tx) => {
      await tx.raw('set local session_replication_role = replica');
      return tx('disclosure_entries')
        .where({ recipient_id: house.bright.partner.id, index })
        .update({ entry: tx.raw('regexp_replace(entry, ?, ?)', [from, to]) });
    }),
  );
  expect(changed).toBe(1);
}

test('one byte of one entry, changed by a superuser: `sluice log verify` names it and ends with 1', async () => {
  expect(await audit()).toMatchObject({ code: 0, text: expect.stringContaining('agrees') });
  const index = 17;
  await changeByte(index, '"channel":"pull"', '"channel":"pulk"');
  const { code, text } = await audit();
  expect(code).toBe(1);
  expect(text).toContain(`entry ${index} (${String(pages[index]?.disclosureId)})`);
  expect(text).toContain('its bytes do not have the hash that was stored with it');
  await changeByte(index, '"channel":"pulk"', '"channel":"pull"');
  expect(await audit()).toMatchObject({ code: 0 });
});

test('an inclusion proof fetched over HTTP holds for a verifier that shares no code with the log', async () => {
  const { body: keys } = await pull(gateway, '/log/keys');
  const [key = ''] = (JSON.parse(keys) as { keys: string[] }).keys;
  for (const page of [pages[0], pages[17], pages[29]]) {
    const { body: proof } = await pull(gateway, `/v1/disclosures/${page?.disclosureId}/proof`);
    const proven = openProof(proof, key);
    const entry = JSON.parse(proven.entry) as { id: string; payload: string };
    expect(entry).toMatchObject({ id: page?.disclosureId, payload: page?.payload });
    expect(verifiesInclusion(proven)).toBe(true);

    expect(verifiesInclusion({ ...proven, index: proven.index + 1 })).toBe(false);
    const lie = proven.entry.replace('"pull"', '"push"');
    expect(verifiesInclusion({ ...proven, leaf: leafOf(lie) })).toBe(false);
    const forged = proof.replace(/^(\d+)$/m, (size) => String(Number(size) - 1));
    expect(() => openProof(forged, key)).toThrow('signature');
  }
});

/**
 * Reads the first part of a proof file, a C2SP tlog-proof, and checks the signature of its checkpoint
 * (C2SP signed-note, Ed25519). What comes behind is there once a beat has come.
 */
function openProof(file: string, verifierKey: string) {
  const [proof = ''] = file.split('\nsluice/head-place@v1\n');
  const [head = '', ...notes] = proof.split('\n\n');
  const [version, extra = '', index = '', ...hashes] = head.split('\n');
  expect(version).toBe('c2sp.org/tlog-proof@v1');
  const [checkpoint = '', signatures = ''] = notes;
  const [, name = '', typedKey = ''] = /^([^+]+)\+[0-9a-f]{8}\+(.+)$/.exec(verifierKey) ?? [];
  const [, signer = '', signature = ''] = /^— (\S+) (\S+)\n$/.exec(signatures) ?? [];
  const spki = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(typedKey, 'base64').subarray(1),
  ]);
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const signed = Buffer.from(`${checkpoint}\n`);
  const isSigned =
    signer === name &&
    verify(null, signed, publicKey, Buffer.from(signature, 'base64').subarray(4));
  if (!isSigned) throw new Error('The signature of the checkpoint is wrong.');
  const [, size = '', root = ''] = checkpoint.split('\n');
  const { entry } = JSON.parse(Buffer.from(extra.replace('extra ', ''), 'base64').toString()) as {
    entry: string;
  };
  return {
    entry,
    index: Number(index.replace('index ', '')),
    size: Number(size),
    leaf: leafOf(entry),
    path: hashes.map((hash) => Buffer.from(hash, 'base64')),
    root: Buffer.from(root, 'base64'),
  };
}

const leafOf = (entry: string) => createHash('sha256').update(Buffer.of(0)).update(entry).digest();
