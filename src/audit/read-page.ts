import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../platform/database.ts';
import { disclosureId, readBundle, tilePathOf } from '../transparency/index.ts';
import { findAuditedEntries, type AuditedEntry, type AuditedLog } from './audit-store.ts';

const width = 256;

/**
 * The entries from index `from` to below `to`, those that are detached out of the archive: the text of
 * the bundle, and the hash that stands in the tile beside it. Ends before the first one that can't be
 * read there.
 */
export async function readPage(
  db: Database,
  { recipientId, logId }: Pick<AuditedLog, 'recipientId' | 'logId'>,
  { from, to, archive }: { from: number; to: number; archive: string | undefined },
): Promise<{ page: AuditedEntry[]; unread: { index: number; id: string } | undefined }> {
  const page: AuditedEntry[] = [];
  const bundles = new Map<number, Bundle>();
  for (const { entry, leafHash, ...row } of await findAuditedEntries(db, recipientId, {
    from,
    to,
  })) {
    if (entry !== null && leafHash !== null) {
      page.push({ ...row, entry, leafHash });
      continue;
    }
    const number = Math.floor(row.index / width);
    const folder = archive === undefined ? undefined : join(archive, logId);
    const bundle = bundles.get(number) ?? (await readBundleOf(folder, number));
    bundles.set(number, bundle);
    const place = row.index % width;
    const text = bundle.texts[place];
    const hash = bundle.hashes.subarray(place * 32, (place + 1) * 32);
    if (text === undefined || hash.length < 32) {
      return { page, unread: { index: row.index, id: disclosureId(row.entryId) } };
    }
    page.push({ ...row, entry: text, leafHash: hash });
  }
  return { page, unread: undefined };
}

interface Bundle {
  readonly texts: readonly string[];
  readonly hashes: Buffer;
}

async function readBundleOf(folder: string | undefined, number: number): Promise<Bundle> {
  if (folder === undefined) return { texts: [], hashes: Buffer.alloc(0) };
  const place = tilePathOf({ index: number, width });
  const read = (path: string) =>
    readFile(join(folder, 'tile', path, place)).catch(() => Buffer.alloc(0));
  const entries = readBundle(await read('entries')) ?? [];
  return { texts: entries.map((entry) => entry.toString()), hashes: await read('0') };
}
