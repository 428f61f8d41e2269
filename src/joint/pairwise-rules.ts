import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

/** Turns internal ids into ids that mean something to one partner only, and back. */
export interface Pairwise {
  /** The pairwise id: a prefix for its type, and 22 characters of base64url. */
  readonly idOf: (type: string, uuid: string) => string;
  /** The internal id, or undefined when the text is no id of this type. */
  readonly uuidOf: (type: string, id: string) => string | undefined;
  /** Where a record of a customer stands among the partner's records: fixed, and meaningless. */
  readonly positionOf: (customerUuid: string, recordUuid: string) => string;
  /** Between which positions the records of the customer with this pairwise id stand. */
  readonly positionsOf: (customerId: string) => { readonly first: string; readonly last: string };
}

const prefixes: Readonly<Record<string, string>> = {
  customer: 'cus',
  invoice: 'inv',
  payment: 'pay',
  refund: 'ref',
  service: 'svc',
  person: 'per',
  'fee-line': 'fee',
  claim: 'clm',
};

/**
 * The pairwise ids of one partner: one AES-128 block over the uuid under a key that is derived
 * for the partner from the master key (HMAC-SHA-256). No table is needed, and no id is equal for
 * two partners. Stateless ECB is right here: each id is exactly one block, and must be the same
 * each time.
 */
export function pairwiseOf(masterKey: Buffer, partnerId: string): Pairwise {
  const key = createHmac('sha256', masterKey)
    .update(`pairwise ${partnerId}`)
    .digest()
    .subarray(0, 16);
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  const decipher = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  const sealed = (uuid: string): Buffer => cipher.update(uuidBytes(uuid));
  return {
    idOf: (type, uuid) => `${prefixOf(type)}_${sealed(uuid).toString('base64url')}`,
    uuidOf: (type, id) => {
      const match = /^([a-z]{3})_([A-Za-z0-9_-]{21}[AQgw])$/.exec(id);
      if (match?.[1] !== prefixOf(type) || match[2] === undefined) return undefined;
      return uuidText(decipher.update(Buffer.from(match[2], 'base64url')));
    },
    positionOf: (customerUuid, recordUuid) =>
      uuidText(
        Buffer.concat([sealed(customerUuid).subarray(0, 8), sealed(recordUuid).subarray(0, 8)]),
      ),
    // A position begins as its customer's pairwise id does. What is no id is no record's either.
    positionsOf: (customerId) => {
      const start = Buffer.alloc(8);
      Buffer.from(customerId.slice(customerId.indexOf('_') + 1), 'base64url').copy(start);
      return {
        first: uuidText(Buffer.concat([start, Buffer.alloc(8)])),
        last: uuidText(Buffer.concat([start, Buffer.alloc(8, 0xff)])),
      };
    },
  };
}

/** The prefix of a type's ids; business types, which the operator declares, share `rec`. */
function prefixOf(type: string): string {
  return prefixes[type] ?? 'rec';
}
