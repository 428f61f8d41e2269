import { currencyDecimals } from '../platform/currencies.ts';
import { isTimeZone } from '../platform/local-days.ts';
import type { Mapping, MappingFault, RecordMapping, RowFile } from './mapping.ts';

/** Records whose amounts have a tax that must be spoken of. */
const taxedTypes: ReadonlySet<string> = new Set(['invoice', 'payment', 'refund']);

/** What is wrong with a mapping whose shape is right, expressions apart. */
export function faultsOfMapping(mapping: Mapping): MappingFault[] {
  const faults: MappingFault[] = [];
  const { timeZone, currency, tax, services = [], records } = mapping;
  const add = (place: string, reason: string): unknown => faults.push({ place, reason });
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    add('/timeZone', 'is not in the list of IANA time zones');
  }
  if (currency !== undefined && currencyDecimals(currency) === undefined) {
    add('/currency', 'is not in the list of ISO 4217');
  }
  const taxed = records.find(({ type }) => taxedTypes.has(type));
  if (tax === undefined && taxed) {
    add('/tax', `must say how the amounts of ${taxed.type} records treat tax: none or named`);
  }
  for (const id of twice(services.map((service) => service.id))) {
    add('/services', `names ${id} twice`);
  }
  records.forEach((record, index) => {
    const place = `/records/${String(index)}`;
    const joins = record.joins ?? [];
    faults.push(...faultsOfFile(record, place));
    joins.forEach((join, at) => {
      faults.push(...faultsOfFile(join, `${place}/joins/${String(at)}`));
    });
    for (const name of twice(joins.map((join) => join.name))) {
      add(`${place}/joins`, `uses the name ${name} twice`);
    }
  });
  return faults;
}

/** NDJSON or CSV, as the mapping says or as the file's name ends. */
export function formatOf({ file, format }: RowFile): 'ndjson' | 'csv' | undefined {
  if (format) return format;
  if (file.endsWith('.ndjson')) return 'ndjson';
  return file.endsWith('.csv') ? 'csv' : undefined;
}

/** Every file that a record mapping reads. */
export function filesOf(record: RecordMapping): readonly RowFile[] {
  return [record, ...(record.joins ?? [])];
}

/** Why a record contradicts what the mapping says of tax; nothing where it does not. */
export function faultOfTax(
  tax: Mapping['tax'],
  type: string,
  record: unknown,
): { code: string; reason: string } | undefined {
  if (!taxedTypes.has(type) || typeof record !== 'object' || record === null) return undefined;
  const isNamed = 'tax' in record;
  if (tax === 'named' && !isNamed) {
    return { code: 'tax-missing', reason: 'The mapping says that every record names its tax.' };
  }
  if (tax === 'none' && isNamed) {
    return { code: 'tax-unexpected', reason: 'The mapping says that no record names a tax.' };
  }
  return undefined;
}

function faultsOfFile(file: RowFile, place: string): MappingFault[] {
  const format = formatOf(file);
  const isOutside = file.file.split('/').some((part) => part === '..' || part === '.');
  return [
    ...(isOutside ? [{ place: `${place}/file`, reason: 'leaves the folder' }] : []),
    ...(format ? [] : [{ place: `${place}/format`, reason: 'must be named: ndjson or csv' }]),
    ...(file.delimiter !== undefined && format === 'ndjson'
      ? [{ place: `${place}/delimiter`, reason: 'means nothing in NDJSON' }]
      : []),
  ];
}

function twice(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) < index))];
}
