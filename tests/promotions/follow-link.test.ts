import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { retirePartner } from '../../src/intake/index.ts';
import { addPromotion, cookieKeyOf, endPromotion, openClicks } from '../../src/promotions/index.ts';
import {
  clickOn,
  cookieName,
  cookieOf,
  givenPromotion,
  landing,
} from '../attribution/given-attribution.ts';
import { givenPartner, type GivenPartner } from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

let house: House;
let gateway: Express;
let bright: GivenPartner;
const clock = testClock();
const day = 86_400_000;

beforeAll(async () => {
  house = await openHouse({ clock, settings: landing });
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
  await givenPromotion(house.tools, bright.partner, 'spring');
});
afterAll(() => house.close());

const follow = (path: string, headers: Record<string, string> = {}) =>
  request(gateway).get(path).set(headers);
const clicksIn = async (cookie: string | undefined) =>
  (await openClicks(cookieKeyOf(house.tools.settings), cookie ?? ''))?.clicks;

test('promise P26: a link leads to its own address with an encrypted cookie of the session', async () => {
  const answer = await follow('/r/spring');
  expect(answer.status).toBe(303);
  expect(answer.headers).toMatchObject({
    location: 'https://www.example.com/hello?from=spring',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  const [set] = answer.headers['set-cookie'] as unknown as string[];
  expect(set).toMatch(new RegExp(`^${cookieName}=[^;]+; Path=/; Secure; HttpOnly; SameSite=Lax$`));
  expect(set).not.toContain('spring');
  expect(await clicksIn(cookieOf(answer))).toMatchObject([{ firstAt: clock.now() }]);
});

test('however a code is written it is the same one, and what else stands in the query is nobody’s business', async () => {
  for (const path of [
    '/r/SPRING',
    '/r/Spring?utm_source=x&utm_source=y&gclid=%C3%A4',
    '/r/spring?',
  ]) {
    const { status, headers } = await follow(path);
    expect([path, status, headers['location']]).toEqual([
      path,
      303,
      expect.stringContaining('/hello'),
    ]);
  }
});

test('promise P26: who does not accept it is led on all the same, without a cookie', async () => {
  const quiet: Record<string, string>[] = [
    { 'Sec-GPC': '1' },
    { 'Sec-GPC': '1', Cookie: `${cookieName}=x` },
    { 'Sec-Purpose': 'prefetch' },
    { 'Sec-Purpose': 'prefetch;prerender' },
    { Purpose: 'prefetch' },
    { 'X-Moz': 'prefetch' },
    { 'Sec-Fetch-Dest': 'image' },
    { 'Sec-Fetch-Dest': 'iframe' },
    { 'Sec-Fetch-Dest': 'empty' },
  ];
  for (const headers of quiet) {
    const answer = await follow('/r/spring', headers);
    expect([headers, answer.status]).toEqual([headers, 303]);
    expect(answer.headers).not.toHaveProperty('set-cookie');
  }
  const head = await request(gateway).head('/r/spring');
  expect([head.status, head.headers['set-cookie']]).toEqual([303, undefined]);
  const page = await follow('/r/spring', { 'Sec-GPC': '0', 'Sec-Fetch-Dest': 'document' });
  expect(cookieOf(page)).toBeDefined();
});

test('promise P26: it never leads to an address that is not the operator’s own', async () => {
  const bad = [
    ...['//evil.example', '\\\\evil.example', '/\\evil.example', 'https://evil.example'],
    ...['https://user:pass@www.example.com', 'javascript:alert(1)', 'https://www.example.com:8443'],
    ...['https://www.example.com.', 'https://www.xn--exmple-4nf.com', 'https://www.example.com\n'],
    ...['https://www.example.com\r\nSet-Cookie: a=b', 'https://www.example.com@evil.example', ''],
    ...['http://www.example.com/', '/pricing'],
  ];
  for (const code of ['spring', 'unknown']) {
    for (const to of bad) {
      const answer = await follow(`/r/${code}?to=${encodeURIComponent(to)}`);
      expect([to, answer.status, answer.body]).toMatchObject([to, 400, { code: 'landing-not-allowed', field: 'to' }]); // prettier-ignore
      expect(answer.headers).not.toHaveProperty('location');
      expect(answer.headers).not.toHaveProperty('set-cookie');
    }
  }
  const twice = await follow('/r/spring?to=https://www.example.com&to=//evil.example');
  expect(twice.body).toMatchObject({ code: 'param-invalid', field: 'to' });
  const own = await follow(
    `/r/spring?to=${encodeURIComponent('https://shop.example.com:8443/a?b=c')}`,
  );
  expect(own.headers['location']).toBe('https://shop.example.com:8443/a?b=c');
});

test('a code that is unknown, not yet, no more or of a retired partner is answered alike, without a cookie', async () => {
  const gone = await givenPartner(house.tools, { key: 'gone' });
  const now = clock.now();
  await givenPromotion(house.tools, gone.partner, 'of-gone');
  await givenPromotion(house.tools, bright.partner, 'later', {
    from: new Date(now.getTime() + day),
  });
  await givenPromotion(house.tools, bright.partner, 'ended');
  await givenPromotion(house.tools, bright.partner, 'over', { until: new Date(now.getTime() + 1) });
  await retirePartner(house.tools, { partnerId: gone.partner.id, actor: 'test', reason: 'test' });
  await endPromotion(house.tools, { code: 'ended', by: 'test' });
  clock.advance(1);
  const codes = [
    'unknown',
    'later',
    'ended',
    'over',
    'of-gone',
    '-',
    'a'.repeat(400),
    '%41%00',
    '..;',
    'a%20b',
  ];
  const known = (text: string) => text.replace(/"requestId":"[^"]*"/, '');
  const answers = new Set<string>();
  for (const code of codes.filter((one) => !one.includes('%00'))) {
    const { status, text, headers } = await follow(`/r/${code}`, { Cookie: `${cookieName}=x` });
    answers.add(JSON.stringify([status, known(text), headers['set-cookie'], headers['location']]));
  }
  expect([...answers]).toEqual([expect.stringContaining('not-found')]);
  const settings = { ...house.tools.settings, landingDefault: 'https://www.example.com/welcome' };
  const other = createGateway({ ...house.tools, settings });
  for (const code of ['unknown', 'later', 'ended', 'over', 'of-gone']) {
    const { status, headers } = await request(other).get(`/r/${code}`);
    expect([code, status, headers['location'], headers['set-cookie']]).toEqual([code, 303, 'https://www.example.com/welcome', undefined]); // prettier-ignore
  }
});

test('without origins no link is served, and one whose address is off the list no more', async () => {
  for (const landingOrigins of [[], ['https://shop.example.com:8443']]) {
    const settings = { ...house.tools.settings, landingOrigins };
    const other = createGateway({ ...house.tools, settings });
    expect((await request(other).get('/r/spring')).body).toMatchObject({ code: 'not-found' });
  }
});

test('a cookie that is broken, changed, too long or of another deployment is simply replaced', async () => {
  const fine = (await clickOn(gateway, 'spring')) ?? '';
  const foreign = createGateway({
    ...house.tools,
    settings: { ...house.tools.settings, origin: 'https://staging.example.com' },
  });
  const abroad = cookieOf(
    await request(foreign).get('/r/spring').set('Host', 'staging.example.com'),
  );
  expect(abroad).toBeDefined();
  clock.advance(1000);
  for (const bad of ['', 'x', `${fine}x`, fine.slice(2), 'y'.repeat(6000), abroad ?? '']) {
    const clicks = await clicksIn(await clickOn(gateway, 'spring', bad));
    expect(clicks).toMatchObject([{ firstAt: clock.now(), lastAt: clock.now() }]);
  }
  const kept = await clicksIn(await clickOn(gateway, 'spring', fine));
  expect(kept).toMatchObject([{ firstAt: new Date(clock.now().getTime() - 1000), lastAt: clock.now() }]); // prettier-ignore
});

test('other methods are refused by name', async () => {
  for (const method of ['post', 'put', 'delete', 'options'] as const) {
    const answer = await request(gateway)[method]('/r/spring');
    expect([method, answer.status, answer.headers['allow']]).toEqual([method, 405, 'GET, HEAD']);
  }
});

test('a promotion is a referral partner’s, under a code that was never given, to an own page, from now on', async () => {
  const { id: partnerId } = bright.partner;
  const wide = await givenPartner(house.tools, { key: 'wide', kind: 'integration', purposes: ['integration'], classes: ['contact'], view: null }); // prettier-ignore
  const good = { partnerId, code: 'fresh', landing: 'https://www.example.com', by: 'test' };
  const past = new Date(clock.now().getTime() - 1);
  const refused: readonly (readonly [Partial<Parameters<typeof addPromotion>[1]>, string])[] = [
    [{ code: 'SPRING' }, 'promotion-exists'],
    [{ code: 'ended' }, 'promotion-exists'],
    [{ code: '-a' }, 'invalid-promotion'],
    [{ code: 'a'.repeat(41) }, 'invalid-promotion'],
    [{ code: 'a/b' }, 'invalid-promotion'],
    [{ code: 'ſpring' }, 'invalid-promotion'],
    [{ landing: 'https://evil.example' }, 'landing-not-allowed'],
    [{ partnerId: wide.partner.id }, 'invalid-promotion'],
    [{ service: 'none' }, 'invalid-promotion'],
    [{ from: past }, 'invalid-promotion'],
    [{ until: clock.now() }, 'invalid-promotion'],
  ];
  for (const [wrong, code] of refused) {
    await expect(addPromotion(house.tools, { ...good, ...wrong })).rejects.toMatchObject({ kind: { code } }); // prettier-ignore
  }
  await expect(endPromotion(house.tools, { code: 'none', by: 'test' })).rejects.toMatchObject({ kind: { code: 'unknown-promotion' } }); // prettier-ignore
  await expect(endPromotion(house.tools, { code: 'spring', at: past, by: 'test' })).rejects.toMatchObject({ kind: { code: 'invalid-promotion' } }); // prettier-ignore
  for (const change of [{ landing: 'https://evil.example' }, { until_at: null }, { code: 'x' }]) {
    const changing = house.admin('promotions').where({ code: 'ended' }).update(change);
    await expect(changing).rejects.toThrow('a promotion only ends');
  }
});
