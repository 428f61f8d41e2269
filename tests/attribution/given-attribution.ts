import type { Express } from 'express';
import request from 'supertest';
import { addPromotion, type Promotion } from '../../src/promotions/index.ts';
import type { Partner } from '../../src/partners/index.ts';
import type { Tools } from '../../src/platform/tools.ts';

/** Settings under which links are served, to two origins of the operator's. */
export const landing = {
  landingOrigins: ['https://www.example.com', 'https://shop.example.com:8443'],
  landingDefault: undefined,
  cookieDomain: undefined,
};

export const cookieName = '__Host-sluice-click';

/** A promotion of a partner, in force from now on. */
export async function givenPromotion(
  tools: Tools,
  partner: Partner,
  code: string,
  more: { service?: string; from?: Date; until?: Date } = {},
): Promise<Promotion> {
  const landed = `https://www.example.com/hello?from=${code}`;
  const { id: partnerId } = partner;
  return addPromotion(tools, { partnerId, code, landing: landed, by: 'test', ...more });
}

/** Follows a link as a browser does, and answers the cookie that it has afterwards. */
export async function clickOn(
  gateway: Express,
  code: string,
  before?: string,
): Promise<string | undefined> {
  const asked = request(gateway).get(`/r/${code}`);
  if (before !== undefined) void asked.set('Cookie', `other=1; ${cookieName}=${before}`);
  return cookieOf(await asked) ?? before;
}

/** The value that an answer sets; undefined where it sets none. */
export function cookieOf({ headers }: request.Response): string | undefined {
  const [set] = (headers['set-cookie'] ?? []) as readonly string[];
  return set === undefined ? undefined : /^[^=]+=([^;]*)/.exec(set)?.[1];
}
