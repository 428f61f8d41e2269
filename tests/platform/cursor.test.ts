import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openCursor, sealCursor } from '../../src/platform/cursor.ts';

const key = Buffer.alloc(32, 9);

test('a cursor opens for its own context and no other, and not after any change', () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.array(fc.string(), { maxLength: 4 }),
      fc.nat(),
      (position, context, pick) => {
        const cursor = sealCursor(key, context, position);
        expect(cursor).toBe(sealCursor(key, context, position));
        expect(openCursor(key, context, cursor)).toBe(position);
        expect(openCursor(key, [...context, ''], cursor)).toBeUndefined();
        expect(openCursor(Buffer.alloc(32), context, cursor)).toBeUndefined();
        const at = pick % cursor.length;
        const swapped = cursor[at] === 'A' ? 'B' : 'A';
        expect(
          openCursor(key, context, cursor.slice(0, at) + swapped + cursor.slice(at + 1)),
        ).toBeUndefined();
        expect(openCursor(key, context, cursor.slice(0, -1))).toBeUndefined();
      },
    ),
  );
});
