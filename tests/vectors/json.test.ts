import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { Refusal } from '../../src/platform/refusal.ts';
import { readStrictJson } from '../../src/platform/strict-json.ts';
import { referenceTest, referenceUrl } from '../support/reference.ts';

const folder = 'vectors/jsontestsuite/test_parsing';
const cases = (verdict: string) =>
  readdirSync(referenceUrl(folder))
    .filter((file) => file.startsWith(verdict))
    .map((file) => ({
      file,
      bytes: readFileSync(referenceUrl(`${folder}/${encodeURIComponent(file)}`)),
    }));

function codeOf(bytes: Uint8Array): string {
  try {
    readStrictJson(bytes, { maxBytes: 1_000_000 });
    return 'accepted';
  } catch (error) {
    if (error instanceof Refusal) return error.kind.code;
    throw error;
  }
}

/** Where we are stricter than RFC 8259, and why. */
const stricter: Record<string, string> = {
  'y_number.json': 'not-an-integer',
  'y_number_0e+1.json': 'not-an-integer',
  'y_number_0e1.json': 'not-an-integer',
  'y_number_double_close_to_zero.json': 'not-an-integer',
  'y_number_int_with_exp.json': 'not-an-integer',
  'y_number_minus_zero.json': 'not-an-integer',
  'y_number_negative_zero.json': 'not-an-integer',
  'y_number_real_capital_e.json': 'not-an-integer',
  'y_number_real_capital_e_neg_exp.json': 'not-an-integer',
  'y_number_real_capital_e_pos_exp.json': 'not-an-integer',
  'y_number_real_exponent.json': 'not-an-integer',
  'y_number_real_fraction_exponent.json': 'not-an-integer',
  'y_number_real_neg_exp.json': 'not-an-integer',
  'y_number_real_pos_exponent.json': 'not-an-integer',
  'y_number_simple_real.json': 'not-an-integer',
  'y_object_extreme_numbers.json': 'not-an-integer',
  'y_structure_lonely_negative_real.json': 'not-an-integer',
  'y_object_duplicated_key.json': 'duplicate-key',
  'y_object_duplicated_key_and_value.json': 'duplicate-key',
  'y_object_escaped_null_in_key.json': 'control-character',
  'y_string_allowed_escapes.json': 'control-character',
  'y_string_escaped_control_character.json': 'control-character',
  'y_string_null_escape.json': 'control-character',
};

referenceTest(folder, 'every text that must be taken is, but for our stricter rules', () => {
  const must = cases('y_');
  expect(must.length).toBeGreaterThan(90);
  for (const { file, bytes } of must) {
    expect([file, codeOf(bytes)]).toEqual([file, stricter[file] ?? 'accepted']);
    if (stricter[file] === undefined) {
      const read = readStrictJson(bytes, { maxBytes: 1_000_000 });
      expect(read).toEqual(JSON.parse(bytes.toString('utf8')));
    }
  }
});

referenceTest(folder, 'every text that must be refused is', () => {
  const never = cases('n_');
  expect(never.length).toBeGreaterThan(180);
  for (const { file, bytes } of never)
    expect([file, codeOf(bytes)]).not.toEqual([file, 'accepted']);
});

referenceTest(
  folder,
  'of what a reader may take, nothing that JSON.parse reads otherwise is',
  () => {
    for (const { file, bytes } of cases('i_')) {
      if (codeOf(bytes) !== 'accepted') continue;
      const read = readStrictJson(bytes, { maxBytes: 1_000_000 });
      expect([file, read]).toEqual([file, JSON.parse(bytes.toString('utf8'))]);
    }
    expect(existsSync(referenceUrl(folder))).toBe(true);
  },
);
