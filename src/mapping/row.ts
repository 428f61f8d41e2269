/** A row as its file gives it, and the rows of other files that belong to it. */
export type Row = Readonly<Record<string, unknown>>;
export type Joined = Readonly<Record<string, Row | readonly Row[] | undefined>>;

export type Mapped =
  | { readonly records: readonly unknown[] }
  | { readonly code: string; readonly reason: string; readonly endless?: true };

/** Makes the records of one row; never throws for what is wrong with the row. */
export type RowMapper = (row: Row, joined: Joined) => Promise<Mapped>;
