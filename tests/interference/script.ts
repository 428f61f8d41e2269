import type { Express } from 'express';
import fc from 'fast-check';
import { pairwiseOf } from '../../src/joint/index.ts';
import { customerIdOf, recordIdOf } from '../../src/records/index.ts';
import { money } from '../support/given.ts';
import { keyIn, type Party } from './hidden-changes.ts';
import { basicOf, formType, tokenOf, type Asked, type Heard, type World } from './worlds.ts';

/** One request of a script, as it was drawn; what it becomes depends on what was heard before. */
export interface Step {
  /** "GET /v1/customers/:id". */
  readonly route: string;
  /** Where it stands among the others. */
  readonly at: number;
  readonly token: TokenName;
  readonly limit: number | undefined;
  /** Whether a list goes on where it was left. */
  readonly goesOn: boolean;
  /** Which of the known ids, cursors or forms. */
  readonly pick: number;
  readonly twist: Twist;
}

const tokenNames = ['full', 'one-scope', 'one-purpose', 'fees-only', 'none', 'garbage'] as const;
type TokenName = (typeof tokenNames)[number];

type Twist =
  | { readonly is: 'plain' }
  | { readonly is: 'query' | 'accept' | 'method' | 'view'; readonly text: string };

/** What a client may try on any route; none of it may tell of what is hidden. */
const queries = [
  'limit=0',
  'limit=1001',
  'limit=two',
  'limit=1&limit=1',
  'cursor=AAAA',
  'sort=email.address',
  'sort=-contact.name',
  'order=desc',
  'filter=email.address',
  'fields=email.address',
  'fields=contact.name',
  'fields=total',
  'fields=lines.*.product',
  'customer=cus_AAAAAAAAAAAAAAAAAAAAAA',
  'from=2026-03-15',
  'to=2026-03-15',
  'from=2025-01-01&to=2027-01-01',
  'from=never',
  'fields=nothing.of.this',
  'total=true',
  'count=1',
  'month=2025-06',
  'month=2026-02',
  'month=2026-03',
  'month=never',
  'access_token=slt_x',
  'a=%ff',
];

const ndjson = 'application/x-ndjson';

const twist = (): fc.Arbitrary<Twist> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant({ is: 'plain' }) },
    {
      weight: 3,
      arbitrary: fc.record({ is: fc.constant('query'), text: fc.constantFrom(...queries) }),
    },
    fc.record({
      is: fc.constant('accept'),
      text: fc.constantFrom(ndjson, ndjson, ndjson, 'text/html', 'text/plain', '*/*;q=0'),
    }),
    fc.record({ is: fc.constant('view'), text: fc.constantFrom('1', '2', 'two') }),
    fc.record({
      is: fc.constant('method'),
      text: fc.constantFrom('HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH'),
    }),
  );

/** Where a partner has no business: it is turned away before anything is looked at. */
export const isOperators = (route: string) => route.includes(' /operator/');

/**
 * Scripts that call every route of the partners' at least once, plainly and with all rights, some of
 * the operator's (each is called by a tenth of the scripts), and much besides.
 */
export function scripts(routes: readonly string[]): fc.Arbitrary<readonly Step[]> {
  const place = {
    at: fc.nat(999),
    limit: fc.constantFrom(1, 2, 3, undefined),
    goesOn: fc.boolean(),
    pick: fc.nat(99),
  };
  const plain = { token: fc.constant('full'), twist: fc.constant({ is: 'plain' }) };
  const plainly = (route: fc.Arbitrary<string>) => fc.record({ route, ...place, ...plain });
  const every = routes
    .filter((route) => !isOperators(route))
    .map((route) => plainly(fc.constant(route)));
  const operators = plainly(fc.constantFrom(...routes.filter(isOperators)));
  const any = fc.record({
    route: fc.constantFrom(...routes, 'GET /v1/nothing-here'),
    ...place,
    token: fc.constantFrom('full', 'full', 'full', ...tokenNames),
    twist: twist(),
  });
  return fc
    .tuple(
      fc.tuple(...every),
      fc.array(operators, { minLength: 5, maxLength: 5 }),
      fc.array(any, { maxLength: 25 }),
    )
    .map(([needed, turnedAway, more]) =>
      ([...needed, ...turnedAway, ...more] as Step[]).sort((one, other) => one.at - other.at),
    );
}

/** What the partner knows: its secrets, and the ids and cursors that it was given. */
export interface Knowledge {
  readonly tokens: Readonly<Record<TokenName, string | undefined>>;
  readonly spare: string;
  readonly logId: string;
  readonly cursors: Map<string, string>;
  readonly disclosures: string[];
  readonly claims: string[];
}

/** Asks for the tokens; in both worlds alike, for chance is. */
export async function learn(world: World, { bright, kind }: Party): Promise<Knowledge> {
  const purpose = kind === 'referral' ? 'billing' : 'integration';
  const head = await world.house.tools.db('log_heads').first<{ log_id: string }>('log_id').where('recipient_id', bright.partner.id); // prettier-ignore
  return {
    tokens: {
      full: await tokenOf(world, bright),
      'one-scope': await tokenOf(world, bright, { scope: 'contact' }),
      'one-purpose': await tokenOf(world, bright, { purpose }),
      'fees-only': await tokenOf(world, bright, { scope: 'fees' }),
      none: undefined,
      garbage: `slt_${'A'.repeat(43)}`,
    },
    spare: await tokenOf(world, bright),
    logId: head.log_id,
    cursors: new Map(),
    disclosures: [],
    claims: [],
  };
}

interface Recipe {
  /** What the parameters of the path can be. */
  readonly params?: Readonly<
    Record<string, (party: Party, known: Knowledge, type?: string) => readonly string[]>
  >;
  /** Whether it is read in pages. */
  readonly isList?: boolean;
  /** JSON bodies. */
  readonly bodies?: readonly object[];
  /** Parameters that it cannot do without. */
  readonly queries?: () => readonly string[];
  /** JSON bodies that name what the partner knows. */
  readonly claims?: (party: Party) => readonly object[];
  /** Bodies of its form. */
  readonly forms?: (party: Party, known: Knowledge) => readonly Record<string, string>[];
}

/** How each route is called. A route that is not here is one that no script knows. */
const read = (path: string) => `GET /operator/v1/${path}`;
const write = (path: string) => `POST /operator/v1/${path}`;

const recipes: Readonly<Record<string, Recipe>> = {
  'GET /policy': {},
  'GET /terms': {},
  'GET /v1/terms': {},
  'POST /v1/terms/:version/acceptance': {
    params: { version: () => ['2019-1', '2031-1', 'x'] },
    bodies: [{ by: 'Bo Bright' }, {}],
  },
  'GET /v1/agreements': {},
  'POST /v1/agreements/offers/:number/acceptance': {
    params: { number: () => ['1', '2', 'x'] },
    bodies: [{ by: 'Bo Bright' }, { by: '' }],
  },
  'POST /v1/agreements/offers/:number/decline': {
    params: { number: () => ['1', 'x'] },
    bodies: [{ by: 'Bo Bright' }, {}],
  },
  // Never with all that it takes: what the script asks after it should be answered.
  'POST /v1/agreements/retirement': { bodies: [{}, { by: 'Bo Bright' }] },
  'GET /openapi.json': {},
  'GET /v1/openapi.json': {},
  'GET /v1/schema': {},
  'GET /v1/records/:type': {
    isList: true,
    params: { type: () => ['order', 'customer', 'invoice', 'payment', 'refund', 'nothing'] },
  },
  'GET /v1/records/:type/:id': {
    params: {
      type: () => ['order', 'order', 'customer', 'invoice'],
      id: (party, _, type) => recordIds(party, type ?? 'order'),
    },
  },
  // A partner has no business there, and must hear the same whatever it would find.
  ...Object.fromEntries(
    [
      ...['me', 'proposals', 'proposals/:id', 'policy/versions', 'partners'].map(read),
      ...['partners/:partner/views', 'customers/:customer/disclosures', 'choices', 'why'].map(read),
      ...['approve', 'reject', 'withdraw'].map((act) => write(`proposals/:id/${act}`)),
      ...['policy/versions', 'policy/versions/:version/activate', 'choices'].map(write),
      ...['statements', 'partners/:partner/statements/:id'].map(read),
      write('statements/close'),
      ...['approve', 'payment'].map((act) => write(`partners/:partner/statements/:id/${act}`)),
      ...['claims', 'partners/:partner/claims/:id', 'partners/:partner/claims/:id/report'].map(
        read,
      ),
      write('partners/:partner/claims'),
      ...['dispute', 'accept-ours', 'accept-theirs'].map((act) => write(`partners/:partner/claims/:id/${act}`)), // prettier-ignore
      ...['', '/check', '/diff'].map((act) => write(`partners/:partner/views${act}`)),
      ...['promotions', 'attributions', 'attributions/:id', 'payees', 'payouts'].map(read),
      ...['remittances', 'billing-modes', 'bills/:invoice', 'collections'].map(read),
      ...['remittances', 'billing-modes', 'bills/:invoice/return'].map(write),
      ...['', '/csv', '/pain.001'].map((part) => read(`payouts/:number${part}`)),
      ...['payment-events', 'payment-events/:id'].map(read),
      ...['promotions', 'promotions/:code/end', 'attributions', 'attributions/proposals'].map(
        write,
      ),
      ...['attributions/:id/proposals', 'partners/:partner/payees', 'payouts'].map(write),
      ...['payment', 'release'].map((act) => write(`payouts/:number/${act}`)),
      ...['payment-events/retry', 'records/:type'].map(write),
      'PUT /operator/v1/records/:type/:id',
    ].map((route) => [route, {}]),
  ),
  'GET /r/:code': { params: { code: () => ['x'] } },
  'GET /healthz': {},
  'GET /readyz': {},
  'GET /.well-known/oauth-authorization-server': {},
  'GET /.well-known/oauth-protected-resource': {},
  'GET /oauth/jwks': {},
  'GET /log/keys': {},
  'GET /log/head/checkpoint': {},
  'GET /log/head/tile/:level/*place': {
    params: { level: () => ['0', 'entries', 'x'], place: () => ['000.p/1', '000.p/2', '000'] },
  },
  'GET /log/head-:renewal/checkpoint': { params: { renewal: () => ['2', '3', 'x'] } },
  'GET /log/head-:renewal/tile/:level/*place': {
    params: { renewal: () => ['2'], level: () => ['0', 'entries'], place: () => ['000.p/1'] },
  },
  'GET /log/:log/checkpoint': {
    params: { log: ({ foreign }, { logId }) => [logId, logId, ...foreign.logs, 'A'.repeat(22)] },
  },
  'GET /log/:log/tile/:level/*place': {
    params: {
      log: ({ foreign }, { logId }) => [logId, logId, logId, ...foreign.logs, 'A'.repeat(22)],
      level: () => ['0', '0', 'entries', '1', 'x'],
      place: () => ['000.p/1', '000.p/2', '000.p/4', '000.p/9', '000', '001.p/1', 'x001/000', 'no'],
    },
  },
  'POST /oauth/token': {
    forms: () => [
      { grant_type: 'client_credentials' },
      { grant_type: 'client_credentials', scope: 'contact' },
      { grant_type: 'client_credentials', scope: 'contact.email' },
      { grant_type: 'client_credentials', purpose: 'marketing' },
      { grant_type: 'password' },
    ],
  },
  'POST /oauth/introspect': { forms: (_, known) => tokenForms(known) },
  'POST /oauth/revoke': { forms: (_, known) => tokenForms({ ...known, tokens: undefined }) },
  'GET /v1/me': {},
  ...Object.fromEntries(
    ['customer', 'invoice', 'payment', 'refund'].flatMap((type): [string, Recipe][] => [
      [`GET /v1/${type}s`, { isList: true }],
      [`GET /v1/${type}s/:id`, { params: { id: (party) => recordIds(party, type) } }],
    ]),
  ),
  'GET /v1/fees/accruals': { isList: true },
  'GET /v1/fees/statements': { isList: true },
  'GET /v1/fees/statements/:id': {
    isList: true,
    params: {
      id: () => ['2026-03.EUR', '2026-04.EUR', '2025-06.EUR', '2026-06.EUR', '2026-03.USD', 'x'],
    },
  },
  // Of customers that are seen, hidden, another's or nobody's: what is told of them is the same.
  'POST /v1/fees/claims': {
    queries: () => ['period=2026-03&currency=EUR', 'period=2026-04&currency=EUR', 'period=2025-06&currency=EUR', 'period=2026-03&currency=USD', 'period=2026-3'], // prettier-ignore
    claims: (party) =>
      recordIds(party, 'payment').map((payment, place) => ({
        lines: [
          { payment, amount: 100 * place },
          ...recordIds(party, 'customer').slice(place % 7).map((customer) => ({ customer, amount: 240 })), // prettier-ignore
          { customer: `reference ${String(place)}`, amount: -7 },
        ],
      })),
  },
  'GET /v1/bill-ready': { isList: true },
  'GET /v1/collections': { isList: true },
  // Of invoices that are the partner's to bill, or only seen, hidden, another's or nobody's.
  'POST /v1/collections': {
    claims: (party) =>
      recordIds(party, 'invoice').map((id, place) => ({
        collections: [
          { reference: `r${String(place)}`, invoice: id, status: 'collected', at: '2026-06-02T00:00:00Z', amount: money(1 + place) }, // prettier-ignore
          { reference: `b${String(place)}`, invoice: id, status: 'billed', at: '2026-06-02T00:00:00Z', amount: money(9, 'USD') }, // prettier-ignore
        ],
      })),
  },
  'GET /v1/fees/claims/:id': { params: { id: claimIds } },
  'GET /v1/fees/claims/:id/lines': { isList: true, params: { id: claimIds } },
  'GET /v1/disclosures': { isList: true },
  'GET /v1/disclosures/:id': { params: { id: disclosureIds } },
  'GET /v1/disclosures/:id/proof': { params: { id: disclosureIds } },
};

function tokenForms({ spare, tokens }: { spare: string; tokens: Knowledge['tokens'] | undefined }) {
  const live = tokens?.full ?? spare;
  return [
    { token: spare },
    { token: live },
    { token: `slt_${'B'.repeat(43)}` },
    { token: 'x' },
    {},
  ];
}

const prefixes: Readonly<Record<string, string>> = {
  customer: '',
  invoice: 'i-',
  payment: 'p-',
  refund: 'r-',
  order: 'o-',
};

/** Ids of records that the partner sees, once saw, can never see, and that nothing has. */
function recordIds(party: Party, type: string): string[] {
  const pairwise = pairwiseOf(masterKey, party.bright.partner.id);
  const prefix = prefixes[type] ?? '';
  const keys = [
    // The first three the partner sees as a rule: they come as often as all others.
    ...['ada', 'ben', 'cyd', 'ada', 'ben', 'cyd', 'ada', 'ben', 'cyd'],
    ...(type === 'invoice' ? ['bill', 'bill', 'bill', 'lost'] : []),
    ...['out', 'ret', 'dot', 'nobody'],
    // Hidden changes name everything that they bring by their serials.
    ...['h0', 'h1', 'h2', 'h3', 'h4'],
  ].map((name) => (/^h\d$/.test(name) ? name : prefix + name));
  const idOf = (key: string) => (type === 'customer' ? customerIdOf(key) : recordIdOf(type, key));
  return [
    ...keys.map((key) => pairwise.idOf(type, idOf(keyIn(party, key)))),
    pairwise.idOf(type === 'customer' ? 'invoice' : 'customer', customerIdOf(keyIn(party, 'ada'))),
    `cus_${'A'.repeat(22)}`,
    'nonsense~id',
    'a%20b',
  ];
}

/** The key that the test settings have. */
const masterKey = Buffer.alloc(32, 1);

function disclosureIds({ foreign }: Party, { disclosures }: Knowledge): string[] {
  return [...disclosures.slice(-8), ...foreign.disclosures, `dis_${'A'.repeat(22)}`, 'nonsense'];
}

function claimIds(_: Party, { claims }: Knowledge): string[] {
  return [...claims.slice(-8), `clm_${'A'.repeat(22)}`, 'nonsense'];
}

/** The request that a step becomes. */
export function requestOf(step: Step, party: Party, known: Knowledge): Asked {
  const [method = 'GET', pattern = ''] = step.route.split(' ');
  const { params = {}, isList = false, forms, bodies, queries, claims } = recipes[step.route] ?? {};
  const chosen = <Item>(from: readonly Item[]): Item | undefined => from[step.pick % from.length];
  let type: string | undefined;
  const path = pattern.replaceAll(/[:*](\w+)/g, (_, name: string) => {
    const value = chosen(params[name]?.(party, known, type) ?? []) ?? 'x';
    if (name === 'type') type = value;
    return value;
  });
  const needed = queries && chosen(queries());
  const query = [
    ...(needed === undefined ? [] : [needed]),
    ...(isList && step.limit !== undefined ? [`limit=${String(step.limit)}`] : []),
    ...(isList && step.goesOn ? cursorFor(step, path, known) : []),
    ...(isList && step.token === 'full' && step.pick % 5 === 1
      ? [`customer=${chosen(recordIds(party, 'customer')) ?? ''}`]
      : []),
    // Fields that are hidden, as if a list could be narrowed by them.
    ...(isList && step.pick % 5 === 2 ? ['email.address=9'] : []),
    ...(step.twist.is === 'query' ? [step.twist.text] : []),
  ];
  const token = known.tokens[step.token];
  const { clientId, secret } = party.bright;
  const form = forms && chosen(forms(party, known));
  const json = chosen(bodies ?? claims?.(party) ?? []);
  return {
    method: step.twist.is === 'method' ? step.twist.text : method,
    path: query.length > 0 ? `${path}?${query.join('&')}` : path,
    headers: {
      ...(form
        ? { ...basicOf(clientId, step.token === 'garbage' ? 'wrong' : secret), ...formType }
        : token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(json && { 'Content-Type': 'application/json' }),
      ...(step.twist.is === 'view' && { 'Sluice-View': step.twist.text }),
      ...(step.twist.is === 'accept' && { Accept: step.twist.text }),
    },
    ...(form && { body: new URLSearchParams(form).toString() }),
    ...(json && { body: JSON.stringify(json) }),
  };
}

/** Where the list was left; now and then where another one was. */
function cursorFor({ pick, token }: Step, path: string, { cursors }: Knowledge): string[] {
  const own = cursors.get(`${token} ${path}`);
  const any = [...cursors.values()];
  const cursor = pick % 7 === 0 ? any[pick % any.length] : own;
  return cursor === undefined ? [] : [`cursor=${cursor}`];
}

/** Keeps what an answer told. */
export function remember({ token }: Step, asked: Asked, heard: Heard, known: Knowledge): void {
  const disclosure = /^Disclosure-Id: (.+)$/m.exec(heard.headers)?.[1];
  if (disclosure !== undefined) known.disclosures.push(disclosure);
  const claim = /"id":"(clm_[A-Za-z0-9_-]{22})"/.exec(heard.body)?.[1];
  if (claim !== undefined && heard.status.startsWith('201')) known.claims.push(claim);
  if (!heard.status.startsWith('200') || !heard.headers.includes('application/json')) return;
  if (asked.method !== 'GET') return;
  const { next } = JSON.parse(heard.body) as { next?: string | null };
  const list = `${token} ${asked.path.split('?')[0] ?? ''}`;
  if (typeof next === 'string') known.cursors.set(list, next);
  else known.cursors.delete(list);
}

/** Every route of a gateway as it is mounted: "GET /v1/customers/:id". */
export function routesOf(gateway: Express): string[] {
  const methods = new Map<string, Set<string>>();
  const walk = (stack: readonly Layer[], base: string): void => {
    for (const { route, handle, rawPath } of stack) {
      if (route) {
        const path = base + String(route.path);
        const known = methods.get(path) ?? new Set();
        methods.set(path, known);
        for (const method of Object.keys(route.methods)) known.add(method.toUpperCase());
      } else if (handle.stack) walk(handle.stack, rawPath === '/' ? base : base + String(rawPath));
    }
  };
  walk(gateway.router.stack as unknown as readonly Layer[], '');
  return [...methods]
    .flatMap(([path, known]) => {
      const own = [...known].filter((method) => method !== '_ALL' && method !== 'HEAD');
      // A path that answers every method by itself is one of OAuth's, which take POST.
      return (own.length > 0 ? own : ['POST']).map((method) => `${method} ${path}`);
    })
    .sort();
}

interface Layer {
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
  readonly rawPath: unknown;
}

/** Whether a route answers with a list, in a page or as a stream. */
export const isListed = (route: string) => recipes[route]?.isList ?? false;

/** The routes that a script can call. */
export const knownRoutes: readonly string[] = Object.keys(recipes).sort();
