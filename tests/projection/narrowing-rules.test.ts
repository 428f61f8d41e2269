import { expect, test } from '@jest/globals';
import { fieldsShown, isSame, showsFields } from '../../src/projection/narrowing-rules.ts';

const text = { type: 'string' } as const;
const object = (properties: Record<string, object>) => ({ type: 'object', properties });
const list = (items: object) => ({ type: 'array', items });

const lines = list(object({ product: text, quantity: text }));
const view = object({
  invoice: object({ id: text, total: object({ amount: text }), lines }),
  customer: object({ id: text }),
}) as never;

test('the fields of a view are its leaves by their paths, in its order, a list’s with a star', () => {
  expect(fieldsShown(view)).toEqual({
    invoice: ['id', 'total.amount', 'lines.*.product', 'lines.*.quantity'],
    customer: ['id'],
  });
});

test('a view shows fields where it lists every one of them, and none of a type that it lacks', () => {
  expect(showsFields(view, 'invoice', ['id', 'total.amount'])).toBe(true);
  expect(showsFields(view, 'invoice', ['id', 'total.currency'])).toBe(false);
  expect(showsFields(view, 'invoice', ['total'])).toBe(false);
  expect(showsFields(view, 'customer', ['total.amount'])).toBe(false);
  expect(showsFields(view, 'payment', ['id'])).toBe(false);
  expect(showsFields(view, 'payment', [])).toBe(true);
});

test('a part is the same where it has every leaf that is known', () => {
  const known = object({ name: text, lines }) as never;
  expect(isSame(known, object({ name: text, lines }) as never)).toBe(true);
  expect(isSame(known, object({ name: text }) as never)).toBe(false);
  expect(isSame(undefined, known)).toBe(false);
  expect(isSame(known, undefined)).toBe(false);
  expect(isSame(undefined, undefined)).toBe(false);
  const shorter = object({ name: text, lines: list(object({ product: text })) }) as never;
  expect(isSame(known, shorter)).toBe(false);
});
