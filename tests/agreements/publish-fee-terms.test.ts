import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findAgreementVersions, publishAgreement } from '../../src/agreements/index.ts';
import { acceptances } from '../support/admit.ts';
import { givenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test('versions never overlap, a version in use is not edited, and what is refused stores nothing', async () => {
  const { partner } = await givenPartner(house.tools);
  const partnerId = partner.id;
  const [first] = await findAgreementVersions(house.tools.db, partnerId);
  const publish = (validFrom: string, fee: object) =>
    publishAgreement(house.tools, {
      ...{ partnerId, validFrom, acceptances },
      terms: { ...first!.terms, fee },
    });
  const flat = { kind: 'flat', currencies: ['EUR'] };
  const per = { per: 'activation', amounts: { EUR: 5_000 } };
  const field = (name: string) => ({ kind: { code: 'invalid-agreement' }, facts: { field: name } });
  await expect(publish('2031-01-01', flat)).rejects.toMatchObject(field('/fee/flat'));
  await expect(publish('2031-01-01', { ...flat, flat: { ...per, amounts: { EUR: 2 ** 53 } } })).rejects.toMatchObject(field('/fee/flat/amounts/EUR')); // prettier-ignore
  await expect(publish('2020-01-01', { ...flat, flat: per })).rejects.toMatchObject(field('validFrom')); // prettier-ignore
  await expect(publish('2026-01-01', { ...flat, flat: per })).rejects.toMatchObject(field('validFrom')); // prettier-ignore
  await expect(publish('soon', { ...flat, flat: per })).rejects.toMatchObject(field('validFrom'));
  expect(await findAgreementVersions(house.tools.db, partnerId)).toEqual([first]);
  await publish('2031-01-01', { ...flat, flat: per });
  const versions = await findAgreementVersions(house.tools.db, partnerId);
  expect(versions.map(({ validFrom, validUntil }) => [validFrom, validUntil])).toEqual([
    ['2020-01-01', '2031-01-01'],
    ['2031-01-01', null],
  ]);
  expect(versions[1]?.terms.fee).toEqual({ ...flat, flat: per });
  const edit = () =>
    house.tools.db('agreement_versions').where({ partner_id: partnerId, version: 1 });
  await expect(edit().update({ terms: '{}' })).rejects.toThrow(/permission denied/);
  await expect(edit().delete()).rejects.toThrow(/permission denied/);
});
