/**
 * Whether a text holds a card number (promise P19): an issuer's prefix with its length and a valid
 * check digit (ISO/IEC 7812-1, annex B), the digits in one run or in groups of 2 to 6 with single
 * blanks or hyphens between, not part of a longer run of letters and digits. Digits of every script,
 * every kind of blank and hyphen, and characters that do not show make no difference.
 */
export function holdsCardNumber(text: string): boolean {
  if (!mayHoldOne.test(text)) return false;
  const plain = isAscii.test(text) ? text : plainForm(text);
  const runs = [...plain.matchAll(/[\p{L}\p{N}]+/gu)].map((match) => ({
    text: match[0],
    begin: match.index,
    end: match.index + match[0].length,
  }));
  return runs.some((run, i) => {
    if (!/^[0-9]+$/.test(run.text)) return false;
    return isCardNumber(run.text) || startsGroups(plain, runs.slice(i, i + 10));
  });
}

/**
 * Whether the texts of a JSON body may hold a card number: 12 digits or more, no letter of ours
 * between them. A byte of other scripts may be part of a digit, so it counts as one; an escaped
 * character is no letter, and a \u escape may be anything.
 */
export function mayHoldCardNumber(body: Buffer): boolean {
  let digits = 0;
  for (let i = 0; i < body.length; i += 1) {
    const byte = body[i] ?? 0;
    if ((byte >= 0x30 && byte <= 0x39) || byte >= 0x80) {
      digits += 1;
      if (digits === 12) return true;
    } else if ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)) {
      digits = 0;
    } else if (byte === backslash) {
      i += 1;
      if (body[i] === smallU) return true;
    }
  }
  return false;
}

const backslash = 0x5c;
const smallU = 0x75;

const mayHoldOne = /(?:\p{N}[^\p{N}\p{L}]*){12}/u;
// eslint-disable-next-line no-control-regex -- this is what ASCII means
const isAscii = /^[\u0000-\u007f]*$/;

interface Run {
  readonly text: string;
  readonly begin: number;
  readonly end: number;
}

/** Whether a card number begins with the first of these runs and goes on in the next ones. */
function startsGroups(plain: string, runs: readonly Run[]): boolean {
  let digits = '';
  let end: number | undefined;
  for (const run of runs) {
    const isNext = end === undefined || (run.begin === end + 1 && /[- \t]/.test(plain[end] ?? ''));
    if (!isNext || !/^[0-9]{2,6}$/.test(run.text)) return false;
    digits += run.text;
    end = run.end;
    if (digits.length > 19) return false;
    if (digits.length > run.text.length && isCardNumber(digits)) return true;
  }
  return false;
}

/** Prefix from, prefix to, and the lengths the issuer uses. */
const issuers: readonly (readonly [from: string, to: string, lengths: readonly number[]])[] = [
  ['4', '4', [13, 16, 19]],
  ['51', '55', [16]],
  ['2221', '2720', [16]],
  ['34', '34', [15]],
  ['37', '37', [15]],
  ['6011', '6011', [16, 17, 18, 19]],
  ['644', '649', [16, 17, 18, 19]],
  ['65', '65', [16, 17, 18, 19]],
  ['300', '305', [14, 15, 16, 17, 18, 19]],
  ['36', '36', [14, 15, 16, 17, 18, 19]],
  ['38', '39', [14, 15, 16, 17, 18, 19]],
  ['3528', '3589', [16, 17, 18, 19]],
  ['62', '62', [16, 17, 18, 19]],
  ['50', '50', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['56', '69', [12, 13, 14, 15, 16, 17, 18, 19]],
];

function isCardNumber(digits: string): boolean {
  const isIssued = issuers.some(([from, to, lengths]) => {
    const prefix = digits.slice(0, from.length);
    return prefix >= from && prefix <= to && lengths.includes(digits.length);
  });
  return isIssued && hasCheckDigit(digits);
}

function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const weighed = i % 2 === 0 ? digit : digit * 2;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}

/** The text with ASCII digits, blanks and hyphens in place of all others, and nothing invisible. */
function plainForm(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replaceAll(/\p{Nd}/gu, digitOf)
    .replaceAll(/\p{Zs}/gu, ' ')
    .replaceAll(/[\p{Pd}\u2212]/gu, '-');
}

/** Unicode keeps the ten digits of a script together and in order; a block may follow another. */
function digitOf(digit: string): string {
  const point = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(point - before - 1))) before += 1;
  return String(before % 10);
}
