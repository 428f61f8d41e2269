import { openDatabase, type Database } from '../src/platform/database.ts';
import { findShown } from '../src/postings/index.ts';
import { benchTools, type Site } from './bench-tools.ts';

/** Customers to look up in the log of a recipient, in ours and in the plain one. */
export interface LookUpOrder {
  readonly site: Site;
  readonly recipientId: string;
  readonly asked: readonly { readonly number: number; readonly customerId: string }[];
}

/** Milliseconds of each. */
export interface LookUpTimes {
  readonly ours: number[];
  readonly rows: number[];
}

process.once('message', (order: LookUpOrder) => {
  lookUp(order).then(
    (times) => process.send?.(times),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit());

const warmUps = 50;

/** In turn, the same customers. */
async function lookUp({ site, recipientId, asked }: LookUpOrder): Promise<LookUpTimes> {
  const { db } = benchTools(site, 'look-up.log');
  const admin = openDatabase({ ...site.logins.superuser, database: 'sluice' }, { max: 1 });
  const size = await sizeOf(admin, recipientId);
  const took: LookUpTimes = { ours: [], rows: [] };
  for (const [i, { number, customerId }] of [...asked.slice(0, warmUps), ...asked].entries()) {
    const startedAt = performance.now();
    const ours = await findShown(db, { recipientId, number, size });
    const between = performance.now();
    const rows = await admin('plain_subjects')
      .where({ customer_id: customerId, recipient_id: recipientId })
      .orderBy('index')
      .select<{ index: string }[]>('index');
    const endedAt = performance.now();
    if (ours.join() !== rows.map(({ index }) => index).join())
      throw new Error('The two logs differ.');
    if (i < warmUps) continue;
    took.ours.push(between - startedAt);
    took.rows.push(endedAt - between);
  }
  return took;
}

async function sizeOf(admin: Database, recipientId: string): Promise<number> {
  const row = (await admin('log_heads').where({ recipient_id: recipientId }).first<{ size: string }>('size')); // prettier-ignore
  return Number(row.size);
}
