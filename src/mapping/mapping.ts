import type { RefusalKind } from '../platform/refusal.ts';

/** A file of rows inside the folder that is loaded. */
export interface RowFile {
  readonly file: string;
  /** Needed where the name ends neither in .ndjson nor in .csv. */
  readonly format?: 'ndjson' | 'csv';
  /** Between the fields of a CSV file; a comma unless named. */
  readonly delimiter?: string;
}

/** How keys are compared: as integers by value, or as text by bytes. */
export type KeyOrder = 'number' | 'text';

/** Another file, sorted by the same key: its rows are seen under `name` beside the row they belong to. */
export interface Join extends RowFile {
  readonly name: string;
  readonly key: string;
  /** true: a list of rows, maybe empty. false: one row or nothing. */
  readonly many: boolean;
}

/** Where the records of one type come from. */
export interface RecordMapping extends RowFile {
  readonly type: string;
  readonly key?: string;
  readonly keyOrder?: KeyOrder;
  readonly joins?: readonly Join[];
  readonly expression: string | readonly string[];
}

/** A mapping file (schemas/mapping/mapping.json). */
export interface Mapping {
  readonly description?: string;
  /** IANA zone of local times. */
  readonly timeZone?: string;
  /** ISO 4217 code. */
  readonly currency?: string;
  readonly tax?: 'none' | 'named';
  readonly services?: readonly {
    readonly id: string;
    readonly code: string;
    readonly name: string;
  }[];
  readonly records: readonly RecordMapping[];
}

/** What an expression may fall back on; nothing here has a default. */
export type Assumptions = Pick<Mapping, 'timeZone' | 'currency'>;

/** One thing wrong with a mapping, and where: a JSON Pointer into the file. */
export interface MappingFault {
  readonly place: string;
  readonly reason: string;
}

export const MappingInvalid = {
  code: 'mapping-invalid',
  status: 422,
  title: 'The mapping cannot be used.',
} as const satisfies RefusalKind;

/** A value of a row that does not become what the mapping wants of it. */
export const ValueInvalid = {
  code: 'value-invalid',
  status: 422,
  title: 'A value cannot be mapped.',
} as const satisfies RefusalKind;

export const FileMissing = {
  code: 'file-missing',
  status: 422,
  title: 'A file that the mapping names is missing.',
} as const satisfies RefusalKind;
