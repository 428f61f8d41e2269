import {
  digestDay,
  findDigests,
  readSecret,
  showDay,
  type PlacedLeaf,
} from '../completeness/index.ts';
import { readEvidenceAt, type Evidence } from '../disclosures/index.ts';
import { remakeSubjects } from '../explanations/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import { findEntries } from '../archive/index.ts';
import { findPartner, type PartnerId } from '../partners/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findShown } from '../postings/index.ts';
import { readCheckpoint } from '../publication/index.ts';
import { isKnownCustomer, UnknownCustomer, type CustomerId } from '../records/index.ts';
import { parseCheckpoint } from '../transparency/index.ts';
import { AccountingUnavailable } from './accounting.ts';
import { findLogs, type LogOfCustomer } from './find-logs.ts';
import { placesOf, type PathTo } from './log-paths.ts';

const entriesAtOnce = 100;

/**
 * Draws a customer's accounting, line by line (newline-delimited JSON; README, "A person's
 * accounting"): of each log every entry that shows the customer, with its proof and what opens the
 * customer's own leaves, and for each day the customer's leaf in the log's digest or the two between
 * which it would stand. It verifies without server and database. It holds personal data and the
 * customer's log secret: it is for the customer. Refuses `unknown-customer`,
 * and `accounting-unavailable` where a log cannot get its digests, so that nothing could be complete.
 */
export async function* drawAccounting(
  tools: Tools,
  { customer, customerId }: { customer: string; customerId: CustomerId },
): AsyncGenerator<string> {
  if (!(await isKnownCustomer(tools.db, customerId))) throw new Refusal(UnknownCustomer);
  const { failed } = await digestDay(tools);
  if (failed > 0) throw new Refusal(AccountingUnavailable);
  const madeAt = tools.clock.now().toISOString();
  const secret = await readSecret(tools, customerId);
  const logs = await findLogs(tools.db, customerId);
  let disclosures = 0;
  yield line({ accounting: 1, customer, madeAt, secret: text(secret), logs: logs.length });
  for (const log of logs) {
    const { size, ...told } = await headerOf(tools, { log, customerId });
    const pathTo = placesOf(tools, log.head.recipientId, size);
    yield line({ ...told, first: await firstOf(tools, { log, size, pathTo }) });
    yield* digestLines(tools, { log, secret, size, pathTo });
    const shown = await findShown(tools.db, { ...log.head, number: log.number, size });
    const indices = [...new Set(shown)];
    disclosures += indices.length;
    yield* entryLines(tools, { log, customerId, indices, pathTo });
  }
  yield line({ end: true, disclosures });
}

/** The log as the accounting sees it: everything in it is proven under this one checkpoint. */
async function headerOf(
  tools: Tools,
  { log: { head }, customerId }: { log: LogOfCustomer; customerId: CustomerId },
) {
  const { recipientId, origin } = head;
  const partner = await findPartner(tools.db, recipientId as PartnerId);
  const checkpoint = await readCheckpoint(tools, recipientId);
  const pairwise = pairwiseOf(tools.settings.keys.pairwise, recipientId);
  return {
    log: origin,
    recipient: partner?.key ?? null,
    name: partner?.name ?? null,
    subject: pairwise.idOf('customer', customerId),
    checkpoint,
    size: parseCheckpoint(checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1))?.size ?? 0,
  };
}

/** The log's first entry: its day is the first that has a digest. */
async function firstOf(
  tools: Pick<Tools, 'db' | 'settings'>,
  {
    log: {
      head: { recipientId },
    },
    size,
    pathTo,
  }: { log: LogOfCustomer; size: number; pathTo: PathTo },
) {
  if (size === 0) return null;
  const [first] = await findEntries(tools, recipientId, { from: 0, to: 1 });
  return first ? { entry: first.entry, path: (await pathTo(0)).map(text) } : null;
}

async function* digestLines(
  tools: Tools,
  {
    log: { head },
    secret,
    size,
    pathTo,
  }: {
    log: LogOfCustomer;
    secret: Buffer;
    size: number;
    pathTo: PathTo;
  },
): AsyncGenerator<string> {
  const { recipientId } = head;
  for (const { index, entry, digest } of await findDigests(tools, head, tools.clock.now())) {
    if (index >= size) continue;
    const leaves = await showDay(tools, { recipientId, digest, secret });
    const path = (await pathTo(index)).map(text);
    yield line({ digest: entry, index, path, leaves: leaves.map(leafOnLine) });
  }
}

function leafOnLine({ pseudonym, count, entriesHash, position, path }: PlacedLeaf) {
  return {
    ...{ pseudonym: text(pseudonym), count, entries: text(entriesHash), position },
    path: path.map(text),
  };
}

async function* entryLines(
  tools: Tools,
  {
    log: { head },
    customerId,
    indices,
    pathTo,
  }: {
    log: LogOfCustomer;
    customerId: CustomerId;
    indices: readonly number[];
    pathTo: PathTo;
  },
): AsyncGenerator<string> {
  const { recipientId } = head;
  for (let from = 0; from < indices.length; from += entriesAtOnce) {
    const some = indices.slice(from, from + entriesAtOnce);
    for (const evidence of await readEvidenceAt(tools, { recipientId, indices: some })) {
      const own = await ownLeaves(tools, { recipientId, evidence, customerId });
      yield line({
        ...{ disclosure: evidence.entry, index: evidence.index },
        path: (await pathTo(evidence.index)).map(text),
        leafHashes: text(evidence.leafHashes),
        own,
      });
    }
  }
}

async function ownLeaves(
  tools: Tools,
  asked: { recipientId: string; evidence: Evidence; customerId: CustomerId },
) {
  return (await remakeSubjects(tools, asked)).map(({ place, made }) => {
    const salt = asked.evidence.saltOf(place);
    const record = made?.record.toString() ?? null;
    return { place, salt: salt && text(salt), key: made?.key ?? null, record };
  });
}

function line(value: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(value)}\n`;
}

function text(bytes: Buffer): string {
  return bytes.toString('base64url');
}
