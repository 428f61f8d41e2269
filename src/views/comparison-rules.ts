import type { Catalogue, FieldClass, RecordType } from '../catalogue/index.ts';
import type { DataClass } from '../policy/index.ts';
import { leavesOf } from '../projection/index.ts';
import type { ViewDocument } from '../projection/index.ts';

/** A field of a record type, named as in `CompiledView.fields`, with its class. */
export interface ComparedField {
  readonly recordType: string;
  readonly field: string;
  readonly dataClass: FieldClass;
}

export interface ViewComparison {
  readonly added: readonly ComparedField[];
  readonly removed: readonly ComparedField[];
}

/** What one view shows and the other does not. No view at all shows nothing. */
export function compareViews(
  before: ViewDocument | undefined,
  after: ViewDocument | undefined,
): ViewComparison {
  const [old, next] = [listed(before), listed(after)];
  return { added: without(next, old), removed: without(old, next) };
}

/** Whether a view shows anything that another does not: what takes away at the same time, too. */
export function isWidening({ added }: ViewComparison): boolean {
  return added.length > 0;
}

/**
 * The fields of the catalogue that a partner may have and its view does not list: new ones, and those
 * never listed. They stay invisible until they are.
 */
export function waitingFields(
  document: ViewDocument,
  { catalogue, classes }: { catalogue: Catalogue; classes: readonly DataClass[] },
): ComparedField[] {
  const shown = listed(document);
  const mayHave = (one: FieldClass) => classes.some((allowed) => allowed === one);
  return [...catalogue.types.values()].flatMap((type) => {
    if (!isOfCustomers(type)) return [];
    const isOpen = type.isBusiness
      ? mayHave('business')
      : type.members.some(({ dataClass }) => mayHave(dataClass));
    if (!isOpen) return [];
    const open = type.members.filter(
      ({ dataClass }) => dataClass === 'reference' || mayHave(dataClass),
    );
    const names = new Set(open.map(({ name }) => name));
    return type.leaves
      .filter(({ path: [member = ''] }) => names.has(member))
      .filter(({ dataClass }) => dataClass === 'reference' || mayHave(dataClass))
      .map(({ path, dataClass }) => ({ recordType: type.name, field: path.join('.'), dataClass }))
      .filter((field) => !shown.has(keyOf(field)));
  });
}

/** Records of other types belong to nobody, and no partner ever reads them. */
function isOfCustomers({ name, schema }: RecordType): boolean {
  return name === 'customer' || Object.hasOwn(schema.properties, 'customer');
}

/** A field whose class is another now is another field. */
function without(
  fields: ReadonlyMap<string, ComparedField>,
  others: ReadonlyMap<string, ComparedField>,
): ComparedField[] {
  return [...fields].filter(([key]) => !others.has(key)).map(([, field]) => field);
}

function listed(document: ViewDocument | undefined): Map<string, ComparedField> {
  const types = Object.entries(document?.properties ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    types.flatMap(([recordType, shown]) =>
      leavesOf(shown).map(({ path, dataClass = 'never' }): [string, ComparedField] => {
        const field = path.join('.');
        const compared = { recordType, field, dataClass: dataClass as FieldClass };
        return [keyOf(compared), compared];
      }),
    ),
  );
}

function keyOf({ recordType, field, dataClass }: ComparedField): string {
  return `${recordType} ${field} ${dataClass}`;
}
