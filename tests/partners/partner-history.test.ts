import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findAgreementVersions } from '../../src/agreements/index.ts';
import { changePartnerStatus, findPartnerEvents } from '../../src/partners/index.ts';
import { givenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test('every change of a partner’s status is kept with its moment, its reason and who made it', async () => {
  const { tools } = house;
  const { partner } = await givenPartner(tools, { key: 'kept' });
  const said = { partnerId: partner.id, actor: 'Ann', reason: 'late audit' };
  await changePartnerStatus(tools, { ...said, status: 'suspended' });
  await changePartnerStatus(tools, { partnerId: partner.id, status: 'active' });
  const events = await findPartnerEvents(tools.db, partner.id);
  expect(events.map(({ status, actor, reason }) => [status, actor, reason])).toEqual([
    ['invited', 'command line', null],
    ['active', 'test', 'accepted terms 2019-1'],
    ['suspended', 'Ann', 'late audit'],
    ['active', 'command line', null],
  ]);
  expect(events.map(({ bookedAt }) => bookedAt)).toEqual(events.map(() => tools.clock.now()));
});

test('the app can neither change nor empty what was booked of a partner', async () => {
  const { db } = house.tools;
  await expect(db('partner_events').update({ actor: 'nobody' })).rejects.toThrow(/permission/);
  await expect(db('partner_events').delete()).rejects.toThrow(/permission/);
  await expect(db.raw('truncate partner_events')).rejects.toThrow(/permission/);
});

test('the end of an agreement version is said once', async () => {
  const { tools } = house;
  const { partner } = await givenPartner(tools, { key: 'ended' });
  const versions = tools.db('agreement_versions').where({ partner_id: partner.id });
  await versions.clone().update({ valid_until: '2027-01-01' });
  await expect(versions.clone().update({ valid_until: '2028-01-01' })).rejects.toThrow(/said once/);
  await expect(versions.clone().update({ valid_until: null })).rejects.toThrow(/said once/);
  const [first] = await findAgreementVersions(tools.db, partner.id);
  expect(first).toMatchObject({ validUntil: '2027-01-01', publishedAt: tools.clock.now() });
});
