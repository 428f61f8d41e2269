import type { Remittance } from './list-remittances.ts';

/** A remittance for the operator (schemas/transfers/remittance.gives.json). */
export function remittanceOnWire(remittance: Remittance): Readonly<Record<string, unknown>> {
  const { partnerKey, reference, currency, amountMinor, onDay, bookedAt, stated } = remittance;
  return {
    partner: partnerKey,
    reference,
    amount: { amount: Number(amountMinor), currency },
    on: onDay,
    bookedAt: bookedAt.toISOString(),
    statement: stated ? `${stated.period}.${currency}` : null,
  };
}
