import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Express } from 'express';
import type { Stripe } from 'stripe';
import request from 'supertest';
import type { Tools } from '../../src/platform/tools.ts';
import type { StripeMapping } from '../../src/stripe/index.ts';
import { secret, signatureOf } from './stripe-events.ts';

export const mapping: StripeMapping = {
  livemode: false,
  customer: 'id',
  refunds: 'refund',
  services: { prod_store: 'store', prod_cloud: 'cloud', prod_desk: 'desk' },
};

/** Settings of a house that takes Stripe's events. */
export function stripeSettings(
  changed: Partial<StripeMapping> = {},
  secrets: readonly string[] = [secret],
) {
  const mappingFile = join(mkdtempSync(join(tmpdir(), 'sluice-stripe-')), 'stripe.json');
  writeFileSync(mappingFile, JSON.stringify({ ...mapping, ...changed }));
  return { stripe: { mappingFile, secrets, secretsFile: undefined } };
}

/** Sends an event as Stripe does, signed now by its own library. */
export function send(
  gateway: Express,
  { clock }: Pick<Tools, 'clock'>,
  event: Stripe.Event | string,
  { by = secret, header }: { by?: string; header?: string } = {},
): request.Test {
  const payload = typeof event === 'string' ? event : JSON.stringify(event, null, 2);
  const timestamp = Math.floor(clock.now().getTime() / 1000);
  return request(gateway)
    .post('/operator/v1/events/stripe')
    .set('Content-Type', 'application/json; charset=utf-8')
    .set('Stripe-Signature', header ?? signatureOf(payload, { timestamp, by }))
    .send(payload);
}
