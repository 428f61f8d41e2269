import { createHmac, timingSafeEqual } from 'node:crypto';

export const toleranceSeconds = 300;
const longestHeader = 4000;
const mostSignatures = 20;

/**
 * Whether a Stripe-Signature header (`t=…,v1=…,v1=…`) is of these bytes under one of these secrets: an
 * HMAC-SHA-256 of `t.bytes`, taken at most five minutes before or after now. Signatures of other
 * schemes are passed over, as Stripe asks. All secrets are tried with all signatures, whichever fits.
 */
export function checkSignature(
  header: string,
  { bytes, secrets, now }: { bytes: Uint8Array; secrets: readonly string[]; now: Date },
): 'valid' | 'stale' | 'invalid' {
  const read = readHeader(header);
  if (!read) return 'invalid';
  const { signedAt, signatures } = read;
  let fits = 0;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(`${signedAt}.`).update(bytes).digest();
    for (const given of signatures) fits += timingSafeEqual(given, expected) ? 1 : 0;
  }
  if (fits === 0) return 'invalid';
  const apart = Math.abs(Math.floor(now.getTime() / 1000) - Number(signedAt));
  return apart <= toleranceSeconds ? 'valid' : 'stale';
}

function readHeader(
  header: string,
): { readonly signedAt: string; readonly signatures: readonly Buffer[] } | undefined {
  if (header.length > longestHeader) return undefined;
  const items = header.split(',').map((item) => item.trim());
  const times = items.flatMap((item) => /^t=([1-9][0-9]{0,11})$/.exec(item)?.[1] ?? []);
  const signatures = items
    .flatMap((item) => /^v1=([0-9a-f]{64})$/.exec(item)?.[1] ?? [])
    .slice(0, mostSignatures)
    .map((hex) => Buffer.from(hex, 'hex'));
  const [signedAt] = times;
  if (signedAt === undefined || times.length > 1) return undefined;
  return { signedAt, signatures };
}
