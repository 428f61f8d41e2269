import { randomBytes, randomUUID } from 'node:crypto';
import { type Disclosure } from '../../src/disclosures/index.ts';
import { numberSubjects, openLog } from '../../src/logs/index.ts';
import { inTransaction } from '../../src/platform/database.ts';
import type { Tools } from '../../src/platform/tools.ts';

/** A recipient with an empty log. */
export async function givenLog(tools: Tools): Promise<string> {
  const recipientId = randomUUID();
  await inTransaction(tools.db, (tx) => openLog(tx, { tools, recipientId }));
  return recipientId;
}

/** A page of `size` records, as it would be disclosed. */
export function givenDisclosure(
  recipientId: string,
  { size = 0, ...other }: Partial<Disclosure> & { size?: number } = {},
): Disclosure {
  const records = Array.from({ length: size }, (_, i) =>
    Buffer.from(JSON.stringify({ id: `inv_${String(i)}`, note: randomBytes(9).toString('hex') })),
  );
  return {
    recipientId,
    epoch: 0n,
    recipient: 'studio-friends',
    channel: 'pull',
    client: 'client-1',
    token: 'tok_1',
    purposes: ['billing'],
    agreement: { id: 'studio-friends', version: 1 },
    view: { id: 'studio-friends', version: 1, digest: 'abc' },
    fields: null,
    policy: { version: '2026-1', promises: ['P11'] },
    recordType: 'invoice',
    classes: ['billing'],
    subjects: records.map((record, i) => ({
      number: i + 1,
      pairwiseId: `cus_${randomBytes(16).toString('base64url')}`,
      record,
    })),
    body: Buffer.concat([Buffer.from('{"data":['), ...records, Buffer.from('],"next":null}')]),
    ...other,
  };
}

/** Gives a recipient's log numbers for so many customers, from 1 on. */
export async function givenNumbers(tools: Tools, recipientId: string, count: number) {
  const customerIds = Array.from({ length: count }, () => randomUUID());
  return inTransaction(tools.db, (tx) => numberSubjects(tx, recipientId, customerIds));
}
