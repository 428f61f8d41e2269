import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { checkJoint, mendJoint } from '../../src/joint/index.ts';
import { activatePolicy, announcePolicy } from '../../src/policy/index.ts';
import { givenPartner, givenSharedCustomer, givenToken } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { calmZone, lastDayInTime, movePublished, policyOf, response } from './given-policy.ts';

let house: House;
let gateway: Express;
beforeAll(async () => {
  house = await openHouse({ settings: { timeZone: calmZone } });
  gateway = createGateway(house.tools);
});
afterAll(() => house.close());

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const page = () => request(gateway).get('/policy').set('Accept', browser);

interface Shown {
  readonly inForce: { version: string; document: { promises: unknown[]; gathered: unknown[] } };
  readonly announced: readonly { version: string; notice: Record<string, unknown> }[];
}

test('promise P01: anybody reads the policy in force: what is gathered, every promise', async () => {
  const answer = await request(gateway).get('/policy');
  expect([answer.status, answer.type]).toEqual([200, 'application/json']);
  const { inForce, announced } = answer.body as Shown;
  expect(inForce).toMatchObject({ version: '2026-1', notice: { reading: 'thirty' } });
  expect(inForce.document.promises).toHaveLength(33);
  expect(inForce.document.gathered).toHaveLength(7);
  expect(announced).toEqual([]);
  const html = await page();
  expect([html.status, html.type]).toEqual([200, 'text/html']);
  for (let id = 1; id <= 33; id += 1) {
    expect(html.text).toContain(`<b>P${String(id).padStart(2, '0')}</b>`);
  }
  expect(html.text).toContain('What is gathered');
  expect(html.text).toContain('is read as thirty');
});

test('promise P01: the page runs nothing, loads nothing, and its one style is the one allowed', async () => {
  const { text, headers } = await page();
  const style = /<style>([^]*)<\/style>/.exec(text)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(headers['content-security-policy']).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  expect(text).not.toMatch(/<script|<link|<img|<iframe|@import|url\(| on[a-z]+=| style=/i);
});

test('another media type and another method are refused', async () => {
  expect((await request(gateway).get('/policy').set('Accept', 'image/png')).status).toBe(406);
  expect((await request(gateway).post('/policy')).status).toBe(405);
});

test('promise P03: what is announced is shown with notice, directions, reading and earliest day', async () => {
  const text = '<b>"Fees" & more</b>';
  await announcePolicy(house.tools, {
    document: policyOf('2027-1'),
    ...response,
    notice: text,
    noticeDays: 10,
  });
  const { announced } = (await request(gateway).get('/policy')).body as Shown;
  expect(announced).toMatchObject([
    {
      version: '2027-1',
      effectiveAt: null,
      notice: {
        text,
        responseDirections: response.responseDirections,
        workingDays: 10,
        reading: 'ten',
        earliestDay: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      },
    },
  ]);
  const html = (await page()).text;
  expect(html).toContain('&lt;b&gt;&quot;Fees&quot; &amp; more&lt;/b&gt;');
  expect(html).not.toContain(text);
  expect(html).toContain(`<time>${String(announced[0]?.notice['earliestDay'])}</time>`);
  expect(html).toContain(response.responseDirections);
  expect(html).toContain('is read as ten');
});

test('promise P09: a version that withdraws a class is in force with the very next answer', async () => {
  const bright = await givenPartner(house.tools);
  await givenSharedCustomer(house.tools, bright.partner, 'ada');
  const token = await givenToken(gateway, bright);
  const read = async () => {
    const answer = await request(gateway).get('/v1/customers').auth(token, { type: 'bearer' });
    const [one] = (answer.body as { data: Record<string, unknown>[] }).data;
    return Object.keys(one ?? {});
  };
  const policyOfCaller = async () => {
    const answer = await request(gateway).get('/v1/me').auth(token, { type: 'bearer' });
    return (answer.body as { policy: { version: string } }).policy.version;
  };
  expect(await read()).toEqual(['id', 'contact', 'account', 'billing']);
  const allows = policyOf('x').allows.map((rule) => ({
    ...rule,
    classes: rule.classes.filter((one) => one !== 'billing'),
  }));
  const document = policyOf('no-billing', { allows });
  await announcePolicy(house.tools, { document, ...response });
  expect(await read()).toEqual(['id', 'contact', 'account', 'billing']);
  await movePublished(house, 'no-billing', await lastDayInTime(house, { noticeDays: 30 }));
  await activatePolicy(house.tools, { version: 'no-billing', actor: 'test' });
  expect(await read()).toEqual(['id', 'contact', 'account']);
  expect(await policyOfCaller()).toBe('no-billing');
  const entry = await house
    .admin<{ entry: string }>('disclosure_entries')
    .orderBy('index', 'desc')
    .first();
  expect(JSON.parse(entry?.entry ?? '')).toMatchObject({ policy: { version: 'no-billing' } });
  // The joint records still hold what nothing shows any more; they are mended beside the traffic.
  expect(await checkJoint(house.tools)).not.toEqual([]);
  const looks: number[] = [];
  expect(await mendJoint(house.tools, (done) => looks.push(done))).toBeGreaterThan(0);
  expect(looks).toEqual([1]);
  expect(await checkJoint(house.tools)).toEqual([]);
  expect(await read()).toEqual(['id', 'contact', 'account']);
});
