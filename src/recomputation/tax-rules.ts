import { minorOf, type GivenAgreement, type GivenFee, type GivenLine, type GivenStatement, type GivenTax } from './given.ts'; // prettier-ignore
import { inMinor, percentOf } from './measure-rules.ts';

/**
 * Where the tax of a statement is not what the agreements that it names say of its lines, in
 * sentences: the tax on all that it and those before it state under a version, less the tax on what
 * those before it state. Of lines that tell no version only what all versions come to together is
 * certain.
 */
export function problemsOfTax(
  statement: GivenStatement,
  before: readonly GivenStatement[],
  agreements: readonly GivenAgreement[],
): string[] {
  const { id, agreementVersions, tax, taxes = [], lines } = statement;
  const problems: string[] = [];
  for (const version of new Set([...agreementVersions, ...versionsOf(taxes)])) {
    const fee = agreements.find((one) => one.version === version)?.terms.fee;
    const stated = taxes.filter(({ agreementVersion }) => agreementVersion === version);
    const where = `under agreement version ${String(version)}`;
    problems.push(...problemsOfVersion({ where, fee, netBefore: netOf(before, version) }, stated));
  }
  const sum = taxes.reduce((total, one) => total + minorOf(one.tax), 0n);
  if (sum !== minorOf(tax)) {
    problems.push(`its taxes come to ${String(sum)}, not ${String(minorOf(tax))}.`);
  }
  problems.push(...problemsOfNets(agreementVersions, taxes, lines));
  return problems.map((problem) => `${id}: ${problem}`);
}

const versionsOf = (taxes: readonly GivenTax[]) => taxes.map((one) => one.agreementVersion);

/** What statements state as taxed under a version. */
function netOf(statements: readonly GivenStatement[], version: number): bigint {
  return statements
    .flatMap(({ taxes = [] }) => taxes)
    .filter(({ agreementVersion }) => agreementVersion === version)
    .reduce((sum, { net }) => sum + minorOf(net), 0n);
}

function problemsOfVersion(
  { where, fee, netBefore }: { where: string; fee: GivenFee | undefined; netBefore: bigint },
  [stated, ...more]: readonly GivenTax[],
): string[] {
  const [agreed, told] = [nameOf(fee?.tax), nameOf(stated)];
  if (more.length > 0) return [`${where} a tax is stated twice.`];
  if (agreed !== told) return [`${where} ${agreed} is agreed, and ${told} is stated.`];
  if (!stated) return [];
  const taxOn = (minor: bigint) =>
    inMinor(percentOf(minor, stated.ratePercent ?? '0'), fee?.rounding ?? 'half-even');
  const due =
    stated.kind === 'rate' ? taxOn(netBefore + minorOf(stated.net)) - taxOn(netBefore) : 0n;
  const minor = minorOf(stated.tax);
  return due === minor
    ? []
    : [`${where} the tax on ${String(stated.net.amount)} comes to ${String(due)}, not ${String(minor)}.`]; // prettier-ignore
}

/** A tax in words that two of them share if they are the same. */
function nameOf(tax: { readonly kind: string; readonly ratePercent?: string } | undefined): string {
  if (!tax || tax.kind === 'none') return 'no tax';
  return tax.kind === 'rate' ? `a tax of ${tax.ratePercent ?? ''} %` : tax.kind;
}

/** Whether what is taxed is what the lines add up to: by version, as far as lines tell theirs. */
function problemsOfNets(
  versions: readonly number[],
  taxes: readonly GivenTax[],
  lines: readonly GivenLine[],
): string[] {
  const [only] = versions;
  const versionOf = (line: GivenLine) => (versions.length === 1 ? only : line.agreementVersion);
  const untold = lines.some((line) => versionOf(line) === undefined);
  if (untold) {
    const areAllTaxed = versions.every((version) => versionsOf(taxes).includes(version));
    const net = taxes.reduce((sum, one) => sum + minorOf(one.net), 0n);
    const all = sumOf(lines);
    return areAllTaxed && net !== all
      ? [`its lines come to ${String(all)}, and what is taxed to ${String(net)}.`]
      : [];
  }
  return taxes.flatMap(({ agreementVersion, net }) => {
    const sum = sumOf(lines.filter((line) => versionOf(line) === agreementVersion));
    const where = `its lines under agreement version ${String(agreementVersion)}`;
    return sum === minorOf(net)
      ? []
      : [`${where} come to ${String(sum)}, and what is taxed to ${String(net.amount)}.`];
  });
}

function sumOf(lines: readonly GivenLine[]): bigint {
  return lines.reduce((sum, { amount }) => sum + minorOf(amount), 0n);
}
