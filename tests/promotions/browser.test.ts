import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { createGateway } from '../../src/gateway.ts';
import { cookieKeyOf, openClicks } from '../../src/promotions/index.ts';
import { selfSigned } from '../support/certificates.ts';
import { givenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { addPromotion } from '../../src/promotions/index.ts';

// A browser takes a while to start on a busy machine.
jest.setTimeout(120_000);

const chromium = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => existsSync(file));
const browserTest = (name: string, body: () => Promise<void>) => {
  if (chromium !== undefined) test(name, body);
  else test.skip(`${name} (skipped: Chromium is absent)`, body);
};

const cookieName = '__Secure-sluice-click';
let house: House;
let gateway: Server;
let site: Server;
let [links, pages] = ['', ''];
/** The Cookie headers that the sign-up's server was sent, page by page. */
const sent: (string | undefined)[] = [];
/** What was asked of the gateway for what, and whether it set a cookie. */
const followed: { as: unknown; status: number; hasCookie: boolean }[] = [];
const browsers: Browser[] = [];
const folder = mkdtempSync(join(tmpdir(), 'sluice-browser-'));

beforeAll(async () => {
  if (chromium === undefined) return;
  const { cert, key } = await selfSigned('example.test');
  site = createServer({ cert, key }, (request: IncomingMessage, answer) => {
    if (request.url?.startsWith('/favicon')) {
      answer.writeHead(404).end();
      return;
    }
    sent.push(request.headers.cookie);
    // What is kept beyond a session shows that the profile is.
    answer.setHeader('Set-Cookie', 'kept=1; Max-Age=3600; Secure; Path=/');
    answer.setHeader('Content-Type', 'text/html');
    const picture = request.url === '/with-picture' ? `<img src="${links}/r/spring">` : '';
    answer.end(`<!doctype html><title>Hello</title>${picture}`);
  });
  pages = `https://www.example.test:${String(await listening(site))}`;
  gateway = createServer({ cert, key });
  links = `https://go.example.test:${String(await listening(gateway))}`;
  house = await openHouse({
    settings: { origin: links, landingOrigins: [pages], cookieDomain: 'example.test' },
  });
  gateway.on('request', (request: IncomingMessage, answer: ServerResponse) => {
    answer.once('finish', () => {
      const hasCookie = answer.hasHeader('set-cookie');
      followed.push({
        as: request.headers['sec-fetch-dest'],
        status: answer.statusCode,
        hasCookie,
      });
    });
  });
  gateway.on('request', createGateway(house.tools));
  const { partner } = await givenPartner(house.tools);
  const landing = `${pages}/hello`;
  await addPromotion(house.tools, { partnerId: partner.id, code: 'spring', landing, by: 'test' });
});
afterAll(async () => {
  await Promise.all(browsers.map((one) => one.close()));
  rmSync(folder, { recursive: true, force: true });
  if (chromium === undefined) return;
  gateway.close();
  site.close();
  await house.close();
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function browserOf(profile: string): Promise<Browser> {
  const browser = await puppeteer.launch({
    executablePath: chromium ?? '',
    userDataDir: join(folder, profile),
    acceptInsecureCerts: true,
    // Without its sandbox it starts as root as well; every name is this machine.
    args: ['--no-sandbox', '--host-resolver-rules=MAP * 127.0.0.1'],
  });
  browsers.push(browser);
  return browser;
}

/** Opens a page, and answers which URLs it asked for and what its server was sent. */
async function visit(page: Page, url: string) {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const before = sent.length;
  await page.goto(url, { waitUntil: 'networkidle0' });
  page.removeAllListeners('request');
  return { asked, cookies: sent.slice(before).at(-1) ?? '', at: page.url() };
}

const clickCookie = (cookies: string) => new RegExp(`${cookieName}=([^;]+)`).exec(cookies)?.[1];

browserTest(
  'a browser follows a link, and the sign-up’s server alone can read who led there',
  async () => {
    const browser = await browserOf('first');
    const page = await browser.newPage();
    const { asked, cookies, at } = await visit(page, `${links}/r/spring`);
    expect(at).toBe(`${pages}/hello`);
    // No third party is asked for anything.
    expect(asked.filter((url) => !url.startsWith(links) && !url.startsWith(pages))).toEqual([]);
    expect(asked.slice(0, 2)).toEqual([`${links}/r/spring`, `${pages}/hello`]);
    const value = clickCookie(cookies) ?? '';
    expect(followed.at(-1)).toEqual({ as: 'document', status: 303, hasCookie: true });
    const opened = await openClicks(cookieKeyOf(house.tools.settings), value);
    expect(opened?.clicks).toHaveLength(1);
    expect(await page.evaluate('document.cookie')).toBe('kept=1');
    expect(await page.evaluate('document.referrer')).toBe('');
    const stored = (await browser.cookies()).find(({ name }) => name === cookieName);
    expect(stored).toMatchObject({ session: true, secure: true, httpOnly: true, sameSite: 'Lax', domain: '.example.test', expires: -1 }); // prettier-ignore
    await browser.close();
  },
);

browserTest(
  'the cookie is gone when the browser session ends, and in another one it never was',
  async () => {
    const one = await browserOf('second');
    expect(
      clickCookie((await visit(await one.newPage(), `${links}/r/spring`)).cookies),
    ).toBeDefined();
    expect(clickCookie((await visit(await one.newPage(), `${pages}/later`)).cookies)).toBeDefined();
    const context = await one.createBrowserContext();
    expect(
      clickCookie((await visit(await context.newPage(), `${pages}/later`)).cookies),
    ).toBeUndefined();
    await one.close();
    const next = await browserOf('second');
    const { cookies } = await visit(await next.newPage(), `${pages}/later`);
    expect(cookies).toContain('kept=1');
    expect(clickCookie(cookies)).toBeUndefined();
    await next.close();
  },
);

browserTest(
  'with Global Privacy Control, and where the link is a picture of another page, there is no cookie',
  async () => {
    const browser = await browserOf('third');
    const page = await browser.newPage();
    await page.setExtraHTTPHeaders({ 'Sec-GPC': '1' });
    expect((await visit(page, `${links}/r/spring`)).at).toBe(`${pages}/hello`);
    const quiet = await browser.newPage();
    await visit(quiet, `${pages}/with-picture`);
    expect(followed.at(-1)).toEqual({ as: 'image', status: 303, hasCookie: false });
    expect(clickCookie((await visit(quiet, `${pages}/later`)).cookies)).toBeUndefined();
    expect((await browser.cookies()).map(({ name }) => name)).toEqual(['kept']);
    await browser.close();
  },
);

browserTest('without a domain the cookie is the gateway’s own host’s alone', async () => {
  const settings = { ...house.tools.settings, cookieDomain: undefined };
  gateway.removeAllListeners('request');
  gateway.on('request', createGateway({ ...house.tools, settings }));
  const browser = await browserOf('fourth');
  const { cookies } = await visit(await browser.newPage(), `${links}/r/spring`);
  expect(cookies).not.toContain('sluice-click');
  expect(await browser.cookies()).toContainEqual(
    expect.objectContaining({
      name: '__Host-sluice-click',
      domain: 'go.example.test',
      session: true,
    }),
  );
  await browser.close();
});
