import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CompactEncrypt } from 'jose';
import {
  bytesOfClicks,
  noClicks,
  withClick,
  type Clicks,
} from '../../src/promotions/click-rules.ts';
import { openClicks, sealClicks, setCookieOf } from '../../src/promotions/cookie-rules.ts';
import type { PromotionId } from '../../src/promotions/promotion.ts';

const key = new Uint8Array(32).fill(7);
const promotionId = () => fc.uuid().map((id) => id as PromotionId);
const instant = () => fc.integer({ min: 0, max: 4e12 }).map((ms) => new Date(ms));
const session = () =>
  fc
    .array(fc.tuple(promotionId(), instant()), { maxLength: 12 })
    .map((clicks) => clicks.reduce<Clicks>((all, [id, at]) => withClick(all, id, at), noClicks));

test('what is sealed opens as it was, in one length, and is never twice the same text', async () => {
  const lengths = new Set<number>();
  await fc.assert(
    fc.asyncProperty(session(), async (clicks) => {
      const [one, other] = [await sealClicks(key, clicks), await sealClicks(key, clicks)];
      expect(await openClicks(key, one)).toEqual(clicks);
      expect(one).not.toBe(other);
      lengths.add(one.length);
    }),
  );
  expect(lengths.size).toBe(1);
  expect([...lengths][0]).toBeLessThan(500);
});

test('each changed character, another key and another form open nothing', async () => {
  const text = await sealClicks(key, withClick(noClicks, givenId(1), new Date(1e12)));
  for (let at = 0; at < text.length; at += 1) {
    for (const sign of ['A', 'B', '.', '-']) {
      if (text[at] === sign) continue;
      const changed = text.slice(0, at) + sign + text.slice(at + 1);
      expect([changed, await openClicks(key, changed)]).toEqual([changed, undefined]);
    }
  }
  for (const wrong of [
    '',
    '.',
    '....',
    `${text}=`,
    `${text} `,
    text.slice(1),
    `${text}.`,
    'x'.repeat(100_000),
  ]) {
    expect(await openClicks(key, wrong)).toBeUndefined();
  }
  expect(await openClicks(new Uint8Array(32).fill(8), text)).toBeUndefined();
});

test('only our own header opens, and only our own form within', async () => {
  const bytes = bytesOfClicks(noClicks);
  const sealed = (plain: Uint8Array, header: Record<string, string>) =>
    new CompactEncrypt(plain)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', ...header })
      .encrypt(key);
  expect(await openClicks(key, await sealed(bytes, {}))).toEqual(noClicks);
  expect(await openClicks(key, await sealed(bytes, { kid: '1' }))).toBeUndefined();
  expect(await openClicks(key, await sealed(bytes.subarray(1), {}))).toBeUndefined();
  expect(
    await openClicks(key, await sealed(Buffer.from([2, ...bytes.subarray(1)]), {})),
  ).toBeUndefined();
  expect(
    await openClicks(key, await sealed(Buffer.from([1, 0, 200, ...bytes.subarray(3)]), {})),
  ).toBeUndefined();
});

const givenId = (count: number) =>
  `00000000-0000-7000-8000-${String(count).padStart(12, '0')}` as PromotionId;

test('nobody’s click is pushed out of a session by others: the first ones stay, and it is marked', () => {
  const at = (count: number) => new Date(1e12 + count);
  let clicks = noClicks;
  for (let count = 0; count < 50; count += 1) clicks = withClick(clicks, givenId(count), at(count));
  expect(clicks.isCut).toBe(true);
  expect(clicks.clicks.map(({ promotionId: id }) => id)).toEqual([...Array(8).keys()].map(givenId));
  const again = withClick(clicks, givenId(0), at(99));
  expect(again.clicks[0]).toEqual({ promotionId: givenId(0), firstAt: at(0), lastAt: at(99) });
});

test('a clock that goes back takes no click back', () => {
  const once = withClick(noClicks, givenId(1), new Date(2000));
  expect(withClick(once, givenId(1), new Date(1000))).toEqual(once);
});

test('promise P26: the cookie is one of the session, for servers alone, and names no time', () => {
  for (const domain of [undefined, 'example.com']) {
    const set = setCookieOf(domain, 'x');
    expect(set).not.toMatch(/max-age|expires/i);
    expect(set).toMatch(/; Path=\/(;|$)/);
    for (const part of ['; Secure', '; HttpOnly', '; SameSite=Lax']) expect(set).toContain(part);
  }
  expect(setCookieOf(undefined, 'x')).toBe(
    '__Host-sluice-click=x; Path=/; Secure; HttpOnly; SameSite=Lax',
  );
  expect(setCookieOf('example.com', 'x')).toContain(
    '__Secure-sluice-click=x; Path=/; Domain=example.com;',
  );
});
