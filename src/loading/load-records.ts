import { takeRecords } from '../intake/index.ts';
import { MappingInvalid, type ReadyMapping } from '../mapping/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { type Catalogue, catalogueOf } from '../catalogue/index.ts';
import { checkRecord } from '../records/index.ts';
import { loadFile } from './load-file.ts';
import { checkFiles } from './read-rows.ts';
import type { FileReport, LoadReport } from './report.ts';
import { type Load, newTally, type Take, takeBatch } from './take-batch.ts';

export interface LoadRequest {
  /** The folder that the mapping's files lie in. */
  readonly folder: string;
  readonly mapping: ReadyMapping;
  /** Check every record by itself and store nothing; what records name of each other is not looked up. */
  readonly dryRun?: boolean;
  /** Called after each batch with the counts of the file so far. */
  readonly onProgress?: (file: FileReport) => void;
}

/**
 * Loads the files of a folder through a mapping: its services first, then its record types in the
 * order of the mapping, so that what is named by others comes first. Reads as a stream, stores in
 * batches, and may be run again at any time: what is stored already is unchanged. A line or record
 * that is wrong is rejected and named in the report; the load stops, and says where, when a file is
 * not sorted as the mapping says, a quote never closes, an expression does not end or too much is
 * rejected. Throws a Refusal before anything is stored where a file or a record type is missing.
 */
export async function loadRecords(
  tools: Tools,
  { folder, mapping: { mapping, records }, dryRun = false, onProgress }: LoadRequest,
): Promise<LoadReport> {
  const catalogue = catalogueOf(tools.settings);
  for (const { type } of mapping.records) {
    if (!catalogue.types.has(type)) {
      throw new Refusal(MappingInvalid, `There is no record type ${type} in the catalogue.`);
    }
  }
  await checkFiles(folder, mapping);
  const take: Take = dryRun
    ? checkOnly(tools, catalogue)
    : (offered) => takeRecords(tools, { records: offered });
  const load: Load = { take, onProgress, rejections: [], rejected: 0, stopped: null };
  const files: FileReport[] = [];
  if (mapping.services) files.push(await loadServices(load, mapping.services));
  for (const record of records) {
    if (!load.stopped) files.push(await loadFile(load, { folder, tax: mapping.tax, ...record }));
  }
  return { dryRun, files, rejections: load.rejections, stopped: load.stopped };
}

/** Services named in the mapping itself: their line is their number in its list. */
async function loadServices(load: Load, services: readonly object[]): Promise<FileReport> {
  const type = 'service';
  const offered = services.map((value, index) => ({
    type,
    value,
    file: '(mapping)',
    line: index + 1,
  }));
  const tally = newTally('(mapping)', type);
  tally.read = offered.length;
  await takeBatch(load, tally, offered);
  return tally;
}

function checkOnly({ clock }: Tools, catalogue: Catalogue): Take {
  return (offered) =>
    Promise.resolve(
      offered.map(({ type, value }) => {
        const problems = checkRecord(catalogue, type, value, clock.now());
        return {
          outcome: problems.length > 0 ? 'rejected' : 'checked',
          problems: problems.map(({ field, reason, sentence }) => ({
            field,
            code: reason,
            detail: sentence,
          })),
        };
      }),
    );
}
