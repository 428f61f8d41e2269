import type { OwnLine, Reason } from './reconciliation.ts';

/** Whether two amounts differ by no more than is let pass. */
export function isWithin(one: bigint, other: bigint, toleranceMinor: bigint): boolean {
  const apart = one - other;
  return (apart < 0n ? -apart : apart) <= toleranceMinor;
}

export function sumOf(lines: readonly { readonly amountMinor: bigint }[]): bigint {
  return lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

/**
 * Why lines of ours come to another amount than is claimed of them: what would have to be left out of
 * them, for both to be the same; else what it may be.
 */
export function reasonOf(
  theirs: bigint,
  lines: readonly OwnLine[],
  toleranceMinor: bigint,
): Reason {
  const due = sumOf(lines);
  const isExplainedBy = (minor: bigint) => minor !== 0n && isWithin(theirs, due + minor, toleranceMinor); // prettier-ignore
  const reversed = sumOf(lines.filter(({ kind }) => kind === 'reversal'));
  const adjusted = sumOf(lines.filter(({ isAdjustment }) => isAdjustment));
  // Not by how much it cut: before its cap a fee can follow from payments of others.
  const cut = lines.reduce((sum, { cutMinor }) => sum + cutMinor, 0n);
  const isCut = cut > 0n ? theirs > due : cut < 0n && theirs < due;
  if (isExplainedBy(-reversed)) return 'refunded';
  if (isExplainedBy(-adjusted)) return 'adjusted';
  if (isCut) return 'capped';
  const because = lines.find((line) => line.because !== null)?.because;
  if (because && due === 0n) return because;
  if (isWithin(theirs, due, BigInt(lines.length))) return 'rounding';
  return 'computed-otherwise';
}
