import type {
  CodeClaim,
  Control,
  CoverageSources,
  PromiseCoverage,
  Proof,
  RuleClaim,
  SourceFile,
} from './coverage.ts';
import type { Policy, PromiseId } from '../policy/index.ts';

/**
 * How every promise of the policy stands. It is kept when it has a control, when every rule and
 * piece of code that the control rests on is there, when the code names it and when the tests that
 * prove it are those that are listed. It
 * may be open only while it is listed as open and not kept; everything else is a gap. A promise
 * that a control, the list or a test names and no policy has is a gap, too.
 */
export function judgeCoverage(sources: CoverageSources): PromiseCoverage[] {
  const promises = promisesOf(sources.policies as readonly Policy[]);
  const { code } = sources;
  const names = code.map(({ file, text }) => ({ file, ids: new Set(text.match(/\bP\d+\b/g)) }));
  const proofs = sources.tests.flatMap(proofsIn);
  const told = new Set([
    ...promises.keys(),
    ...Object.keys(sources.controls),
    ...Object.keys(sources.open),
    ...proofs.flatMap(({ promises: proven }) => proven),
  ]);
  return [...told].sort().map((id) => {
    const control = sources.controls[id] ?? { control: '', rules: [], code: [] };
    const evidence = {
      named: names.filter(({ ids }) => ids.has(id)).map(fileOf),
      tests: proofs.filter((proof) => proof.promises.includes(id)).map(proofOf),
    };
    const missing = [
      ...(promises.has(id) ? [] : ['no policy has this promise']),
      ...missingOf(control, evidence),
      ...miscounted(countsOf(evidence.tests), sources.proofs[id] ?? {}),
      ...control.rules.filter((claim) => !sources.policies.every(holds(claim))).map(lostRule),
      ...control.code.filter((claim) => !code.some(keeps(claim))).map(lostCode),
    ];
    return {
      promise: id as PromiseId,
      title: promises.get(id) ?? '',
      ...standingOf(missing, sources.open[id], promises.has(id)),
      control: control.control,
      rules: control.rules.map(ruleInWords),
      code: control.code.map(({ file, has }) => `${file}: ${has}`),
      ...evidence,
    };
  });
}

function promisesOf(policies: readonly Policy[]): Map<string, string> {
  return new Map(
    policies.flatMap(({ promises }) => promises.map(({ id, title }) => [id, title] as const)),
  );
}

function standingOf(missing: readonly string[], open: string | undefined, isPromised: boolean) {
  if (open === undefined) {
    return { standing: missing.length === 0 ? 'kept' : 'gap', missing } as const;
  }
  if (!isPromised) return { standing: 'gap', missing } as const;
  return missing.length === 0
    ? ({ standing: 'gap', missing: ['it is kept: take it off the list of open ones'] } as const)
    : ({ standing: 'open', missing: [open] } as const);
}

function missingOf(
  { control, rules, code }: Control,
  { named, tests }: { named: readonly string[]; tests: readonly Proof[] },
): string[] {
  return [
    ...(control === '' ? ['no control'] : []),
    ...(rules.length + code.length === 0 ? ['no rule and no code that it rests on'] : []),
    ...(named.length === 0 ? ['no code names it'] : []),
    ...(tests.length === 0 ? ['no test proves it'] : []),
  ];
}

/** How many proofs each file has. */
export function countsOf(proofs: readonly Proof[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { file } of proofs) counts[file] = (counts[file] ?? 0) + 1;
  return counts;
}

/** Where there is no proof at all, that is told instead. */
function miscounted(
  found: Readonly<Record<string, number>>,
  listed: Readonly<Record<string, number>>,
): string[] {
  if (Object.keys(found).length === 0) return [];
  return [...new Set([...Object.keys(listed), ...Object.keys(found)])].sort().flatMap((file) => {
    const [has, due] = [found[file] ?? 0, listed[file] ?? 0];
    return has === due
      ? []
      : [`${file} proves it ${String(has)} times and is listed with ${String(due)}`];
  });
}

const holds = (claim: RuleClaim) => (policy: unknown) => {
  if ('class' in claim) return isAllowedExactly(policy as Policy, claim);
  const value = valueAt(policy, claim.at);
  if ('is' in claim) return areEqual(value, claim.is);
  return Array.isArray(value) && value.some((one) => areEqual(one, claim.has));
};

/** Whether a class may leave for these kinds (or purposes), all of them and no others. */
function isAllowedExactly(
  policy: Policy,
  claim: Extract<RuleClaim, { readonly class: string }>,
): boolean {
  const allowing = policy.allows.filter(({ classes }) =>
    classes.some((one) => one === claim.class),
  );
  const [found, due] =
    'kinds' in claim
      ? [allowing.flatMap(({ kinds }) => kinds), claim.kinds]
      : [allowing.map(({ purpose }) => purpose), claim.purposes];
  return areEqual([...new Set<string>(found)].sort(), [...due].sort());
}

/** The value at a JSON Pointer (RFC 6901) without escapes. */
function valueAt(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (at, name) =>
        typeof at === 'object' && at !== null
          ? (at as Readonly<Record<string, unknown>>)[name]
          : undefined,
      value,
    );
}

/** Both come from JSON files, whose members are in the order in which they are written. */
function areEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const keeps = (claim: CodeClaim) => (source: SourceFile) =>
  source.file === claim.file && withoutComments(source.text).includes(claim.has);

/** A comment enforces nothing, and a test inside one proves nothing. */
function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\/?\*|--)/.test(line))
    .join('\n');
}

/** Whatever makes tests of a file run apart from others, or not at all. */
const leftOut =
  /\b(xdescribe|fdescribe|fit\(|describe(\.[a-z]+)*\.(skip|only)|(test|it)(\.[a-z]+)*\.only\b)/;

/** Whether what is called here is a test that is run whatever the machine: test, it or their each. */
function runsAlways(before: string): boolean {
  const isEach = before.endsWith(')');
  const head = isEach ? before.slice(0, openingOf(before)) : before;
  const [, how = ''] = /(?<![\w.$])(?:test|it)((?:\.[a-z]+)*)(?:<[^]*>)?$/.exec(head) ?? [
    undefined,
    '.skip',
  ];
  return !/\.(skip|todo|failing)/.test(how) && how.endsWith('.each') === isEach;
}

/** Where the parenthesis opens that the text ends by closing. */
function openingOf(text: string): number {
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at -= 1) {
    if (text[at] === ')') depth += 1;
    if (text[at] === '(') depth -= 1;
    if (depth === 0) return at;
  }
  return 0;
}

/** The tests of a file whose titles begin with the promises that they prove, skipped ones left out. */
function proofsIn({ file, text }: SourceFile): (Proof & { promises: string[] })[] {
  if (!text.includes('promise')) return [];
  const says = withoutComments(text);
  if (leftOut.test(says)) return [];
  return [...says.matchAll(/\(\s*(['"`])(promises? P\d+[^]*?)\1/g)].flatMap((match) => {
    const [, , title = ''] = match;
    const runs = runsAlways(says.slice(0, match.index).trimEnd());
    const promises = [...title.matchAll(/promises? (P\d+(, P\d+)*):/g)].flatMap(([, ids = '']) =>
      ids.split(', '),
    );
    return runs && promises.length > 0 ? [{ file, title, promises }] : [];
  });
}

const fileOf = ({ file }: { file: string }): string => file;
const proofOf = ({ file, title }: Proof): Proof => ({ file, title });

function ruleInWords(claim: RuleClaim): string {
  if (!('class' in claim)) {
    return 'is' in claim
      ? `${claim.at} is ${JSON.stringify(claim.is)}`
      : `${claim.at} has ${JSON.stringify(claim.has)}`;
  }
  return 'kinds' in claim
    ? `${claim.class} is allowed to ${claim.kinds.join(', ')} alone`
    : `${claim.class} is allowed for ${claim.purposes.join(', ')} alone`;
}

const lostRule = (claim: RuleClaim): string => `the policy lost a rule: ${ruleInWords(claim)}`;
const lostCode = ({ file, has }: CodeClaim): string => `${file} lost: ${has}`;
