import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { headLog, hostOf, signersOf, type LogHead } from '../logs/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { verifyTiles } from '../verification/index.ts';
import { ExportWrong } from './archive.ts';
import { bundleWidth, pathsOf } from './archive-rules.ts';

/**
 * Reads an exported log back: hashes every entry, compares every tile and the root with the
 * checkpoint that this log's key signed. Throws Refusal `log-export-wrong` with the first difference.
 */
export async function checkFiles(
  { settings }: Pick<Tools, 'settings'>,
  { head, past, folder }: { head: LogHead; past: number; folder: string },
): Promise<void> {
  const isHeadLog = head.recipientId === headLog;
  const [signer] = signersOf(settings, isHeadLog ? head.origin : hostOf(settings));
  const key = signer?.verifierKey;
  const readTile = (path: string) => readFile(join(folder, path)).catch(() => undefined);
  const verdict = await verifyTiles({ key, readTile });
  if (!verdict.holds) throw new Refusal(ExportWrong, `${folder}: ${verdict.because}.`);
  if (verdict.origin !== head.origin || verdict.size !== past) {
    throw new Refusal(ExportWrong, `${folder}: the checkpoint is of another log or size.`);
  }
}

/** The digest of the files of a range of a log. Throws Refusal `log-export-wrong` for a missing file. */
export async function digestFiles(
  folder: string,
  { from, past }: { from: number; past: number },
): Promise<{ files: number; digest: Buffer }> {
  const all = createHash('sha256');
  let files = 0;
  for (let bundle = from / bundleWidth; bundle < past / bundleWidth; bundle += 1) {
    const { entries, hashes } = pathsOf(bundle);
    for (const path of [entries, hashes]) {
      const bytes = await readFile(join(folder, path)).catch(() => {
        throw new Refusal(ExportWrong, `${join(folder, path)} can't be read.`);
      });
      all.update(createHash('sha256').update(bytes).digest());
      files += 1;
    }
  }
  return { files, digest: all.digest() };
}
