/** Values that must stand nowhere but where they belong, by what they are. */
export type Canaries = Readonly<Record<string, string>>;

/** So much of a value is a trace of it: no chance meeting. */
const traceLength = 16;

/**
 * Which canaries have left a trace in a text: the value, or its beginning, middle or end after a prefix
 * such as `slt_`, as it is, percent-encoded, in hex, base64 or base64url.
 */
export function tracesIn(text: string, canaries: Canaries): string[] {
  const plain = text.toLowerCase();
  return Object.entries(canaries).flatMap(([name, value]) => {
    const found = formsOf(value).find(([, form, isCased]) =>
      (isCased ? text : plain).includes(isCased ? form : form.toLowerCase()),
    );
    return found ? [`${name} (${found[0]})`] : [];
  });
}

type Form = readonly [name: string, form: string, isCased: boolean];

function formsOf(value: string): Form[] {
  return partsOf(value).flatMap((part) => {
    const bytes = Buffer.from(part);
    const percent = bytes.toString('hex').replaceAll(/../g, '%$&');
    return [
      ['plain', part, false],
      ['percent-encoded', encodeURIComponent(part), false],
      ['percent-encoded', percent, false],
      ['hex', bytes.toString('hex'), false],
      ...inBase64(bytes).flatMap((form): Form[] => [
        ['base64', form, true],
        ['base64url', form.replaceAll('+', '-').replaceAll('/', '_'), true],
      ]),
    ] as Form[];
  });
}

/** The parts of which each alone would be a trace. */
function partsOf(value: string): string[] {
  const bare = value.replace(/^[a-z]{3}_/, '');
  if (bare.length <= traceLength) return [bare];
  const middle = Math.floor((bare.length - traceLength) / 2);
  return [0, middle, bare.length - traceLength].map((at) => bare.slice(at, at + traceLength));
}

/** What bytes look like inside a longer base64 text, by where they begin in it. */
function inBase64(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const form = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The letters at the ends carry bits of what stands beside.
    const first = before === 0 ? 0 : before + 1;
    const isEven = (before + bytes.length) % 3 === 0;
    return form.slice(first, isEven ? undefined : -1);
  });
}
