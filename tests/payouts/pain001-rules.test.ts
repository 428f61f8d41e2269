import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { validateXML } from 'xmllint-wasm';
import type { PartnerId } from '../../src/partners/index.ts';
import { mostCents, pain001Of } from '../../src/payouts/pain001-rules.ts';
import type { DraftItem } from '../../src/payouts/payout.ts';

const debtor = { name: 'The Ducallier Studios', iban: 'DE89370400440532013000', bic: undefined };
const batch = { number: 7, executeOn: '2026-11-30', madeAt: new Date('2026-11-28T23:30:05Z'), debtor }; // prettier-ignore

function itemOf(cents: bigint, position = 1, name = 'Brightside GmbH'): DraftItem {
  return {
    position,
    partnerId: '00000000-0000-7000-8000-000000000001' as PartnerId,
    partnerKey: 'brightside',
    period: '2026-10',
    amountMinor: cents,
    payee: { version: 1, name, account: 'GB82WEST12345698765432', bic: null },
    endToEndId: `PO-7-${String(position)}`,
  };
}

/** What the schema that ISO 20022 publishes for the message says against a text; nothing is well. */
async function objections(xml: string): Promise<string[]> {
  const name = 'pain.001.001.09.xsd';
  const schema = { fileName: name, contents: await readFile(`tests/payouts/${name}`, 'utf8') };
  const { errors } = await validateXML({ xml: [{ fileName: 'payout.xml', contents: xml }], schema: [schema] }); // prettier-ignore
  return errors.map(({ message }) => message);
}

test('a batch is a valid pain.001.001.09 that says day, time in UTC, accounts and amounts', async () => {
  const xml = pain001Of(batch, [itemOf(123_456n), itemOf(29n, 2, "O'Neil + Sons (a/b)")]);
  expect(await objections(xml)).toEqual([]);
  for (const said of [
    '<MsgId>PAYOUT-7</MsgId>',
    '<CreDtTm>2026-11-28T23:30:05</CreDtTm>',
    '<NbOfTxs>2</NbOfTxs>',
    '<CtrlSum>1234.85</CtrlSum>',
    '<ReqdExctnDt><Dt>2026-11-30</Dt></ReqdExctnDt>',
    '<InstdAmt Ccy="EUR">1234.56</InstdAmt>',
    '<EndToEndId>PO-7-2</EndToEndId>',
    '<IBAN>GB82WEST12345698765432</IBAN>',
    '<Ustrd>Fee statement 2026-10.EUR</Ustrd>',
  ]) {
    expect(xml).toContain(said);
  }
});

test('the schema objects to what is no pain.001', async () => {
  const xml = pain001Of(batch, [itemOf(1n)]);
  expect(await objections(xml.replace('<MsgId>PAYOUT-7</MsgId>', ''))).not.toEqual([]);
  expect(await objections(xml.replace('>0.01<', '>one cent<'))).not.toEqual([]);
});

test('whatever the amounts are, the text says each and their sum to the cent', () => {
  const cents = fc.bigInt({ min: 1n, max: mostCents });
  fc.assert(
    fc.property(fc.array(cents, { minLength: 1, maxLength: 60, size: 'max' }), (amounts) => {
      const xml = pain001Of(
        batch,
        amounts.map((one, place) => itemOf(one, place + 1)),
      );
      const said = [...xml.matchAll(/<InstdAmt Ccy="EUR">([0-9]+)\.([0-9]{2})</g)].map(
        ([, euros = '', rest = '']) => BigInt(euros) * 100n + BigInt(rest),
      );
      expect(said).toEqual(amounts);
      const [, sum = ''] = /<CtrlSum>([0-9.]+)</.exec(xml) ?? [];
      expect(BigInt(sum.replace('.', ''))).toBe(amounts.reduce((total, one) => total + one, 0n));
    }),
    { numRuns: 200 },
  );
});

test('an item without an account is never written', () => {
  expect(() => pain001Of(batch, [{ ...itemOf(1n), payee: null }])).toThrow('without an account');
});
