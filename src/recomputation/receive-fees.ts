import type { GivenAgreement, GivenLine, GivenStatement, Received } from './given.ts';
import type { GivenPayment, GivenRefund } from './given.ts';

/** Asks the partner API for a path; undefined where it answers 404: the view has no such records. */
export type AskApi = (path: string) => Promise<unknown>;

/** What was received, and where its hashes do not come out, in sentences. */
export interface ReceivedStatements {
  readonly received: Received;
  readonly problems: readonly string[];
}

/**
 * Asks the partner API for everything that a statement can be recomputed from: all closed statements
 * of its currency, since later ones adjust what earlier ones state, with all lines, the agreements,
 * and the records that the partner may see; undefined where there is no such closed statement.
 */
export async function receiveFees(
  ask: AskApi,
  statementId: string,
): Promise<ReceivedStatements | undefined> {
  const listed = await everyPage<Listed>(ask, '/v1/fees/statements');
  const wanted = listed.find(({ id, status }) => id === statementId && status !== 'draft');
  if (!wanted) return undefined;
  const texts = listed
    .filter(({ currency, status }) => currency === wanted.currency && status !== 'draft')
    .map(({ id }) => id);
  const fetched: Fetched[] = [];
  for (const id of texts) fetched.push(await fetchStatement(ask, id));
  fetched.sort((a, b) => (a.statement.period.from < b.statement.period.from ? -1 : 1));
  const agreements = (await ask('/v1/agreements')) as {
    readonly data: readonly GivenAgreement[];
    readonly services: readonly { readonly key: string; readonly id: string }[];
  };
  return {
    received: {
      agreements: agreements.data,
      serviceKeys: Object.fromEntries(agreements.services.map(({ id, key }) => [id, key])),
      payments: await everyPage<GivenPayment>(ask, '/v1/payments'),
      refunds: await everyPage<GivenRefund>(ask, '/v1/refunds'),
      statements: fetched.map(({ statement }) => statement),
    },
    problems: await problemsOfHashes(fetched),
  };
}

interface Listed {
  readonly id: string;
  readonly currency: string;
  readonly status: string;
}

interface Page<Item> {
  readonly data: readonly Item[];
  readonly next: string | null;
}

async function everyPage<Item>(ask: AskApi, path: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await ask(`${path}?limit=1000${from}`)) as Page<Item> | undefined;
    items.push(...(page?.data ?? []));
    cursor = page?.next ?? null;
  }
  return items;
}

interface Fetched {
  readonly statement: GivenStatement;
  readonly document: string;
  readonly sha256: string;
}

type Document = Omit<GivenStatement, 'lines'> & {
  readonly linesSha256: string;
  readonly previousSha256: string | null;
};

async function fetchStatement(ask: AskApi, id: string): Promise<Fetched> {
  const lines: GivenLine[] = [];
  let [document, sha256] = ['', ''];
  for (let cursor: string | null = ''; cursor !== null;) {
    const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await ask(`/v1/fees/statements/${id}?limit=1000${from}`)) as {
      readonly document: string;
      readonly sha256: string;
      readonly lines: readonly GivenLine[];
      readonly next: string | null;
    };
    ({ document, sha256 } = page);
    lines.push(...page.lines);
    cursor = page.next;
  }
  return { statement: { ...(JSON.parse(document) as Document), lines }, document, sha256 };
}

/** Whether each document is the one that was closed, has these lines, and goes on from the one before. */
async function problemsOfHashes(fetched: readonly Fetched[]): Promise<string[]> {
  const problems: string[] = [];
  for (const [i, { statement, document, sha256 }] of fetched.entries()) {
    const { linesSha256, previousSha256 } = JSON.parse(document) as Document;
    const hashes = await hashesOf(document, statement.lines);
    if (hashes.document !== sha256) problems.push(`${statement.id}: its document is not the one whose hash is told.`); // prettier-ignore
    if (hashes.lines !== linesSha256) problems.push(`${statement.id}: its lines are not those that were closed.`); // prettier-ignore
    if (previousSha256 !== (fetched[i - 1]?.sha256 ?? null)) problems.push(`${statement.id}: it does not go on from the statement before.`); // prettier-ignore
  }
  return problems;
}

/** SHA-256, in hexadecimal, of a document, and of the SHA-256 of each of its lines in turn. */
async function hashesOf(
  document: string,
  lines: readonly GivenLine[],
): Promise<{ document: string; lines: string }> {
  const all = new Uint8Array(32 * lines.length);
  for (const [i, line] of lines.entries()) all.set(await hashOfLine(line), 32 * i);
  return { document: hexOf(await sha256(textBytes(document))), lines: hexOf(await sha256(all)) };
}

/** The hash of a line as it was closed: of one that is cut it stands in its place. */
async function hashOfLine(line: GivenLine): Promise<Uint8Array> {
  if (line.sha256 === undefined) return sha256(textBytes(JSON.stringify(line)));
  return Uint8Array.from(line.sha256.match(/../g) ?? [], (pair) => parseInt(pair, 16)).subarray(
    0,
    32,
  );
}

const textBytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
