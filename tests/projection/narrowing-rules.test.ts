import { expect, test } from '@jest/globals';
import {
  fieldsShown,
  isSame,
  narrowType,
  showsFields,
} from '../../src/projection/narrowing-rules.ts';

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

const of = (dataClass: string) => ({ type: 'string', 'x-class': dataClass });
/** A type with a reference, two classes and a list, and one class that holds a list alone. */
const order = {
  name: 'order',
  isBusiness: true,
  members: [
    { name: 'id', dataClass: 'reference' },
    { name: 'customer', dataClass: 'reference' },
    { name: 'contact', dataClass: 'contact' },
    { name: 'total', dataClass: 'billing' },
    { name: 'lines', dataClass: 'business' },
  ],
  schema: object({
    id: of('reference'),
    customer: of('reference'),
    contact: object({ name: of('contact'), city: of('contact') }),
    total: of('billing'),
    lines: list(object({ product: of('business'), quantity: of('business') })),
  }),
} as never;
const whole = {
  properties: { order: object({ id: {}, customer: {}, contact: object({ name: {} }), total: {}, lines: list(object({ product: {} })) }) }, // prettier-ignore
} as never;
const all = ['business', 'billing', 'contact'] as const;

test('what is left of a type has its classes in the order allowed, its leaves in the catalogue’s, and says that it is whole', () => {
  const narrowed = narrowType(whole, order, { classes: all });
  expect(narrowed).toEqual({
    classes: ['business', 'billing', 'contact'],
    fields: ['id', 'customer', 'contact.name', 'total', 'lines.*.product'],
    isWhole: true,
    schema: object({
      id: of('reference'),
      customer: of('reference'),
      contact: object({ name: of('contact') }),
      total: of('billing'),
      lines: list(object({ product: of('business') })),
    }),
  });
});

test('a class that is not allowed takes its members away, and the rest is not whole', () => {
  const narrowed = narrowType(whole, order, { classes: ['business', 'billing'] });
  expect(narrowed).toMatchObject({
    classes: ['business', 'billing'],
    fields: ['id', 'customer', 'total', 'lines.*.product'],
    isWhole: false,
  });
  expect(Object.keys(narrowed?.schema.properties ?? {})).toEqual([
    'id',
    'customer',
    'total',
    'lines',
  ]);
});

test('the fields asked for and the record’s own id are left, a part of a list too, and nothing else', () => {
  const ask = (fields: readonly string[]) => narrowType(whole, order, { classes: all, fields });
  expect(ask(['lines.*.product'])).toMatchObject({ classes: ['business'], fields: ['id', 'lines.*.product'], isWhole: false }); // prettier-ignore
  expect(ask(['contact.name', 'customer'])).toMatchObject({ classes: ['contact'], fields: ['id', 'customer', 'contact.name'] }); // prettier-ignore
  // What the view does not list stays away, and a whole is not its parts.
  for (const none of [
    ['contact.city'],
    ['lines'],
    ['contact'],
    ['lines.product'],
    [],
    ['customer'],
  ]) {
    expect(ask(none)).toBeUndefined();
  }
});

test('references alone are nothing, nor is what belongs to no class that is allowed', () => {
  expect(narrowType(whole, order, { classes: [] })).toBeUndefined();
  const references = { properties: { order: object({ id: {}, customer: {} }) } } as never;
  expect(narrowType(references, order, { classes: all })).toBeUndefined();
  const financial = narrowType(whole, order, { classes: ['business', 'financial'] });
  expect(financial?.classes).toEqual(['business']);
});

test('of a business type nothing is shown without the class, of another its other classes are', () => {
  expect(narrowType(whole, order, { classes: ['billing', 'contact'] })).toBeUndefined();
  const plain = { ...(order as object), isBusiness: false } as never;
  expect(narrowType(whole, plain, { classes: ['billing'] })).toMatchObject({ classes: ['billing'], fields: ['id', 'customer', 'total'] }); // prettier-ignore
});

test('a type that the view lacks is not shown, and neither are members that it does not list', () => {
  expect(narrowType({ properties: {} } as never, order, { classes: all })).toBeUndefined();
  const empty = { properties: { order: { type: 'object' } } } as never;
  expect(narrowType(empty, order, { classes: all })).toBeUndefined();
  const bare = { properties: { order: object({ contact: { type: 'object' }, lines: { type: 'array' }, total: {} }) } } as never; // prettier-ignore
  expect(narrowType(bare, order, { classes: all })).toMatchObject({ classes: ['billing'], fields: ['total'], isWhole: true }); // prettier-ignore
});

test('an object without properties and a list without items have no leaves', () => {
  const empty = object({ name: text, rest: { type: 'object' }, list: { type: 'array' } }) as never;
  expect(fieldsShown({ properties: { thing: empty } } as never)).toEqual({ thing: ['name'] });
  expect(isSame({ type: 'object' } as never, { type: 'array' } as never)).toBe(true);
});
