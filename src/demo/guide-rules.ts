/** What the lines of the guide need: where the gateway answers, and how files are named from here. */
export interface Surroundings {
  readonly origin: string;
  /** The file with the credentials of the client that the guide uses. */
  readonly credentials: string;
  /** Folder for what the lines write. */
  readonly folder: string;
  /** The data folder, where it is not the default one. */
  readonly dataDir: string | undefined;
}

/** What to open and to paste, in order, into a second terminal (sh or bash). */
export function guideOf({ origin, credentials, folder, dataDir }: Surroundings): string {
  const page = word(`${folder}/page`);
  const sluice = `${dataDir === undefined ? '' : `SLUICE_DATA_DIR=${word(dataDir)} `}npx sluice`;
  const partner = '--partner brightside';
  return [
    'Open:',
    `  ${origin}/readyz`,
    `  ${origin}/.well-known/oauth-authorization-server`,
    `  ${origin}/log/keys`,
    '',
    'Paste into a second terminal, in this folder, as the partner Brightside Referrals:',
    '',
    '# a token',
    `. ${word(credentials.startsWith('/') ? credentials : `./${credentials}`)}`,
    `API=${origin}`,
    'AUTH="Authorization: Bearer $(curl -s -u "$CLIENT_ID:$CLIENT_SECRET" \\',
    `  -d grant_type=client_credentials "$API/oauth/token" | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')"`,
    '# the customers it shares with us, their invoices, their payments',
    get('/v1/me'),
    get('/v1/customers?limit=2'),
    get('/v1/invoices?limit=1'),
    get('/v1/payments?limit=3', `-D ${page}.headers -o ${page}.json `),
    `grep -i '^disclosure' ${page}.headers; cat ${page}.json; echo`,
    '# that page in the log: its entry, and a proof that needs neither us nor the database',
    `ID=$(grep -i '^disclosure-id:' ${page}.headers | cut -d ' ' -f 2 | tr -d '\\r')`,
    get('/v1/disclosures/$ID'),
    get('/v1/disclosures/$ID/proof', `-o ${page}.tlog-proof `),
    `KEY=$(curl -s "$API/log/keys" | sed 's/.*"keys":\\["\\([^"]*\\)".*/\\1/')`,
    `npx sluice log verify --offline --proof ${page}.tlog-proof --body ${page}.json --key "$KEY"`,
    '# the fees: lines, statements, one statement',
    get('/v1/fees/accruals?limit=1'),
    get('/v1/fees/statements?limit=3'),
    get('/v1/fees/statements/2026-10.EUR?limit=1'),
    '# from the operator’s side, while it serves',
    `${sluice} fees preview ${partner}`,
    `${sluice} relationship list ${partner}`,
    `${sluice} log verify`,
    '',
    'Ctrl-C stops it; the next start goes on with the same data.',
  ].join('\n');
}

function get(path: string, more = ''): string {
  return `curl -sw '\\n' ${more}-H "$AUTH" "$API${path}"`;
}

/** A word of the shell: quoted where it holds more than plain characters. */
function word(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
