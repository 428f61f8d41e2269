import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../platform/database.ts';
import { disclosureId, leafHash, readBundle, rootOf, tilePathOf } from '../transparency/index.ts';
import { findAuditedEntries, findAuditedNodes } from './audit-store.ts';
import type { AuditedEntry, AuditedLog } from './audit-store.ts';
import { findFormerNames } from './place-store.ts';

const width = 256;

/**
 * The entries from index `from` to below `to`, those that are detached out of the archive: the text of
 * the bundle, and the hash that stands in the tile beside it. Ends before the first one that can't be
 * read there.
 */
export async function readPage(
  db: Database,
  log: Pick<AuditedLog, 'recipientId' | 'logId'>,
  { from, to, archive }: { from: number; to: number; archive: string | undefined },
): Promise<{ page: AuditedEntry[]; unread: { index: number; id: string } | undefined }> {
  const page: AuditedEntry[] = [];
  const bundles = new Map<number, Bundle>();
  let folders: readonly string[] | undefined;
  for (const { entry, leafHash: stored, ...row } of await findAuditedEntries(db, log.recipientId, {
    from,
    to,
  })) {
    if (entry !== null && stored !== null) {
      page.push({ ...row, entry, leafHash: stored });
      continue;
    }
    const number = Math.floor(row.index / width);
    folders ??= await foldersOf(db, log, archive);
    const bundle = bundles.get(number) ?? (await findBundle(db, log, { folders, number }));
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

/** Where the files of a log may lie: a folder for each id that it ever had, the present one first. */
async function foldersOf(
  db: Database,
  { recipientId, logId }: Pick<AuditedLog, 'recipientId' | 'logId'>,
  archive: string | undefined,
): Promise<readonly string[]> {
  if (archive === undefined) return [];
  const names = await findFormerNames(db, recipientId);
  const former = names.map(({ origin }) => origin.split('/').at(-1) ?? '');
  return [logId, ...former.toReversed()].map((id) => join(archive, id));
}

/** The bundle of the tree; where none is, the first that can be read, in which the difference is found. */
async function findBundle(
  db: Database,
  { recipientId }: Pick<AuditedLog, 'recipientId'>,
  { folders, number }: { folders: readonly string[]; number: number },
): Promise<Bundle> {
  const bundles = await Promise.all(folders.map((folder) => readBundleOf(folder, number)));
  const readable = bundles.filter(({ texts }) => texts.length > 0);
  const [node] = await findAuditedNodes(db, recipientId, [{ level: 8, index: number }]);
  const fits = ({ texts }: Bundle) =>
    node?.hash.equals(rootOf(texts.map((text) => leafHash(Buffer.from(text)))));
  return (
    (readable.length > 1 ? readable.find(fits) : undefined) ??
    readable[0] ?? { texts: [], hashes: Buffer.alloc(0) }
  );
}

async function readBundleOf(folder: string, number: number): Promise<Bundle> {
  const place = tilePathOf({ index: number, width });
  const read = (path: string) =>
    readFile(join(folder, 'tile', path, place)).catch(() => Buffer.alloc(0));
  const entries = readBundle(await read('entries')) ?? [];
  return { texts: entries.map((entry) => entry.toString()), hashes: await read('0') };
}
