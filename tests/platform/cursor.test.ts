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

const context = fc.array(fc.string({ maxLength: 12 }), { maxLength: 5 });

test('whatever a cursor is bound to, it has the same length, and no other binding opens it', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), context, context, (position, other, mine, theirs) => {
      const cursor = sealCursor(key, mine, position);
      expect(cursor).toHaveLength(59);
      expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
      const isMine = JSON.stringify(mine) === JSON.stringify(theirs);
      expect(openCursor(key, theirs, cursor)).toBe(isMine ? position : undefined);
      // One text joined in another way is another binding.
      expect(
        openCursor(key, [...mine.slice(0, -1), mine.at(-1) ?? '', ''], cursor),
      ).toBeUndefined();
      if (other !== position) expect(sealCursor(key, mine, other)).not.toBe(cursor);
    }),
  );
});

test('no other text opens: neither longer, nor made up, nor the same bytes written differently', () => {
  const cursor = sealCursor(key, ['a'], '00000000-0000-4000-8000-000000000001');
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[A-Za-z0-9_-]{59}$/)),
      (text) => {
        fc.pre(text !== cursor);
        expect(openCursor(key, ['a'], text)).toBeUndefined();
        expect(openCursor(key, ['a'], cursor + text + 'A')).toBeUndefined();
      },
    ),
  );
  for (const same of [`${cursor}=`, ` ${cursor}`, `${cursor}\n`, cursor.replaceAll('_', '/')]) {
    if (same !== cursor) expect(openCursor(key, ['a'], same)).toBeUndefined();
  }
});
