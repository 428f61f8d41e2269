import type { PartnerId } from '../../src/partners/index.ts';
import { customerIdOf, recordIdOf, serviceIdOf } from '../../src/records/index.ts';
import { uuidOf } from '../../src/platform/uuid.ts';
import type { House } from '../support/house.ts';

/** A fee line as an engine would leave it, without one. */
export interface GivenLine {
  readonly key: string;
  readonly fee: number;
  readonly availableOn: string;
  readonly kind?: 'accrual' | 'reversal';
  readonly currency?: string;
  readonly customer?: string;
  readonly version?: number;
  /** In which its payment settled; that in which it becomes available where nothing is said. */
  readonly month?: string;
}

export const lineIdOf = (key: string) => uuidOf('given line', key);

/** Puts lines in the place of those that stand, as a computation does: this is how fees are now. */
export async function givenLines(
  { tools }: Pick<House, 'tools'>,
  partnerId: PartnerId,
  lines: readonly GivenLine[],
): Promise<void> {
  await tools.db.transaction(async (tx) => {
    const computed = { partner_id: partnerId, computed_at: tools.clock.now() };
    await tx('fee_computations').insert(computed).onConflict('partner_id').merge(['computed_at']);
    await tx('fee_accruals').where('partner_id', partnerId).delete();
    if (lines.length > 0)
      await tx('fee_accruals').insert(lines.map((line) => rowOf(partnerId, line)));
  });
}

function rowOf(partnerId: PartnerId, line: GivenLine) {
  const { kind = 'accrual', currency = 'EUR', customer = 'ada', version = 1 } = line;
  const isReversal = kind === 'reversal';
  return {
    partner_id: partnerId,
    line_id: lineIdOf(line.key),
    kind,
    customer_id: customerIdOf(customer),
    service_id: serviceIdOf('store'),
    payment_id: recordIdOf('payment', line.key),
    refund_id: isReversal ? recordIdOf('refund', line.key) : null,
    reverses_line_id: isReversal ? lineIdOf('of another') : null,
    settled_at: `${line.availableOn}T10:00:00Z`,
    occurred_at: `${line.availableOn}T10:00:00Z`,
    month: line.month ?? line.availableOn.slice(0, 7),
    available_on: line.availableOn,
    currency,
    base_minor: line.fee * 10,
    fee_minor: line.fee,
    rate_percent: '10',
    rounding: 'half-even',
    agreement_version: version,
    because: null,
    explanation: JSON.stringify({ text: 'given', formula: 'given', exact: null, inputs: {} }),
    fingerprint: Buffer.alloc(32),
  };
}
