/**
 * The map of the house. A room may enter another room only if it is listed here, and only
 * through that room's door (index.ts). Each room knows only rooms above it in this list.
 */
const rooms = {
  calendar: [],
  policy: ['calendar'],
  coverage: ['policy'],
  people: ['policy'],
  transparency: [],
  notes: [],
  verification: ['notes'],
  catalogue: ['policy'],
  logs: ['transparency'],
  archive: ['transparency', 'verification', 'logs'],
  disclosures: ['policy', 'transparency', 'logs', 'archive'],
  witness: ['transparency'],
  renewals: ['transparency', 'logs', 'archive'],
  heads: ['transparency', 'verification', 'logs', 'archive', 'witness', 'renewals'],
  publication: ['transparency', 'logs', 'archive', 'heads', 'disclosures'],
  postings: ['logs'],
  completeness: ['transparency', 'logs', 'archive', 'postings'],
  audit: ['transparency'],
  backups: ['transparency', 'logs', 'archive'],
  partners: ['policy', 'logs'],
  budgets: ['partners'],
  agreements: ['policy', 'logs', 'partners'],
  records: ['policy', 'catalogue'],
  choices: ['partners', 'records'],
  relationships: ['policy', 'partners', 'records', 'choices'],
  joint: ['policy', 'catalogue', 'partners', 'records', 'relationships', 'logs'],
  projection: ['policy', 'catalogue', 'joint'],
  views: [
    'policy',
    'catalogue',
    'partners',
    'agreements',
    'records',
    'logs',
    'joint',
    'projection',
  ],
  offers: ['policy', 'people', 'partners', 'agreements', 'projection', 'views'],
  terms: ['partners'],
  signatures: [],
  clients: ['partners', 'signatures'],
  tokens: ['policy', 'partners', 'agreements', 'terms', 'signatures', 'clients'],
  intake: ['catalogue', 'partners', 'agreements', 'records', 'choices', 'relationships', 'joint'],
  mapping: [],
  loading: ['catalogue', 'records', 'intake', 'mapping'],
  sharing: [
    'policy',
    'catalogue',
    'partners',
    'budgets',
    'agreements',
    'records',
    'joint',
    'disclosures',
    'logs',
    'projection',
    'views',
    'tokens',
  ],
  fees: ['policy', 'partners', 'agreements', 'records', 'relationships', 'joint'],
  statements: [
    'policy',
    'partners',
    'disclosures',
    'logs',
    'joint',
    'relationships',
    'sharing',
    'tokens',
    'projection',
    'views',
    'fees',
  ],
  explanations: [
    'policy',
    'catalogue',
    'disclosures',
    'logs',
    'partners',
    'agreements',
    'records',
    'choices',
    'relationships',
    'joint',
    'projection',
    'views',
    'tokens',
    'sharing',
  ],
  accounting: [
    'policy',
    'transparency',
    'logs',
    'archive',
    'postings',
    'completeness',
    'disclosures',
    'publication',
    'catalogue',
    'partners',
    'records',
    'relationships',
    'joint',
    'explanations',
  ],
  operator: [
    'policy',
    'people',
    'partners',
    'records',
    'choices',
    'joint',
    'views',
    'offers',
    'intake',
    'explanations',
    'accounting',
  ],
  acceptance: ['agreements', 'terms', 'tokens'],
  contract: ['policy', 'catalogue', 'sharing', 'tokens', 'projection', 'views'],
  sandbox: ['catalogue', 'joint', 'projection', 'views', 'tokens', 'sharing', 'contract'],
  demo: [
    'policy',
    'partners',
    'agreements',
    'terms',
    'records',
    'relationships',
    'views',
    'offers',
    'clients',
    'intake',
    'fees',
  ],
};

const names = Object.keys(rooms);
const anyRoom = `^src/(${names.join('|')})/`;
const door = '/index\\.ts$';
const npm = (packages) => `node_modules/(@types/)?(${packages})(/|-)`;
/** Node's own modules by their bare names, but those that only compute. */
const machine = '^(node:)?(?!(crypto|buffer|util|assert)$)[a-z0-9_/]+$';
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const roomRules = names.map((room) => {
  const barred = names.filter((other) => other !== room && !rooms[room].includes(other));
  return forbid(
    `${room}-stays-in-its-place`,
    `${room} may enter: ${rooms[room].join(', ') || 'no other room'}.`,
    { path: `^src/${room}/` },
    { path: `^src/(${barred.join('|')})/` },
  );
});

module.exports = {
  forbidden: [
    forbid('no-cycles', 'Follow a request one way only.', {}, { circular: true }),
    forbid(
      'every-room-is-on-the-map',
      'Add the room to the map above.',
      { path: '^src/' },
      { path: '^src/[^/]+/', pathNot: `${anyRoom}|^src/(platform|commands)/` },
    ),
    forbid(
      'enter-by-the-door',
      'Import another room from its index.ts.',
      { path: '^src/([^/]+)/', pathNot: '^src/commands/' },
      { path: anyRoom, pathNot: `^src/$1/|^src/[^/]+${door}` },
    ),
    forbid(
      'the-house-too',
      'main.ts, gateway.ts and commands/ use doors as well.',
      { path: '^src/([^/]+\\.ts$|commands/)' },
      { path: anyRoom, pathNot: `^src/[^/]+${door}` },
    ),
    forbid(
      'nobody-imports-the-house',
      'main.ts, gateway.ts and commands/ stand above the rooms.',
      { path: '^src/[^/]+/', pathNot: '^src/commands/' },
      { path: '^src/[^/]+\\.ts$' },
    ),
    forbid(
      'nobody-imports-commands',
      'Only main.ts does.',
      { path: '^src/', pathNot: '^src/main\\.ts$|^src/commands/' },
      { path: '^src/commands/' },
    ),
    forbid(
      'platform-knows-no-room',
      'No domain words in platform/.',
      { path: '^src/platform/' },
      { path: `${anyRoom}|^src/commands/|^src/[^/]+\\.ts$` },
    ),
    ...roomRules,
    forbid(
      'rules-are-pure',
      'Rules and nouns decide; they read and write nothing.',
      { path: `${anyRoom}([a-z-]+-rules|[a-z]+)\\.ts$`, pathNot: door },
      {
        path:
          '-store\\.ts$|-endpoints\\.ts$' +
          '|^src/platform/((database|migrations|tools|settings|randomness|log)\\.ts$|http/|embedded/)' +
          `|${npm('knex|pg|express|passport|helmet|pino')}|${machine}`,
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid(
      'rules-know-no-act',
      'A rule is called by an act, never the reverse.',
      {
        path: '^src/([^/]+)/([a-z-]+-rules|[a-z]+)\\.ts$',
        pathNot: `${door}|^src/(platform|commands)/`,
      },
      {
        path: '^src/$1/[a-z]+-[a-z-]+\\.ts$',
        pathNot: '-rules\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid(
      'stores-hold-sql-only',
      'A store knows its own nouns and rules, and other rooms only by their ids.',
      { path: '^src/([^/]+)/[^/]+-store\\.ts$' },
      {
        path: `^src/|${machine}`,
        pathNot: `^src/platform/(database|uuid|money)\\.ts$|^src/$1/([a-z-]+-rules|[a-z]+)\\.ts$|${door}`,
      },
    ),
    forbid(
      'endpoints-hold-http-only',
      'An endpoint calls an act; it never queries.',
      { path: '-endpoints\\.ts$' },
      { path: '-store\\.ts$|^src/platform/(database|migrations)\\.ts$' },
    ),
    forbid(
      'nobody-imports-endpoints',
      'Only the door shows them; a table may join others of its room.',
      { pathNot: `${door}|-endpoints\\.ts$` },
      { path: '-endpoints\\.ts$' },
    ),
    forbid(
      'express-at-the-edge',
      'Express, passport and helmet live in platform/http and gateway.ts.',
      { path: '^src/', pathNot: '^src/platform/http/|^src/gateway\\.ts$' },
      { path: npm('express|passport|helmet') },
    ),
    forbid(
      'knex-in-one-place',
      'Knex and pg live in platform/database.ts, migrations.ts and platform/embedded.',
      { path: '^src/', pathNot: '^src/platform/((database|migrations)\\.ts$|embedded/)' },
      { path: npm('knex|pg') },
    ),
    forbid(
      'verification-stands-alone',
      'It runs in browsers, and trusts nothing of ours: no package, no module of Node.',
      { path: '^src/(notes|verification)/' },
      { path: '', pathNot: '^src/(notes|verification)/' },
    ),
    forbid(
      'no-dead-files',
      'Every file is reached from main.ts.',
      { path: '^src/main\\.ts$' },
      { path: '^src/', pathNot: '^src/main\\.ts$', reachable: false },
    ),
    forbid(
      'declared-dependencies-only',
      'Declare it in package.json dependencies.',
      { path: '^src/' },
      {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
        pathNot: 'node_modules/@types/',
      },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
