/**
 * The map of the house. A room may enter another room only if it is listed here, and only
 * through that room's door (index.ts). Each room knows only rooms above it in this list.
 */
const rooms = {
  disclosures: [],
  fees: [],
};

const names = Object.keys(rooms);
const anyRoom = `^src/(${names.join('|')})/`;
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
      { path: '^src/[^/]+/', pathNot: `${anyRoom}|^src/platform/` },
      {},
    ),
    forbid(
      'enter-by-the-door',
      'Import another room from its index.ts.',
      { path: '^src/([^/]+)/' },
      { path: anyRoom, pathNot: '^src/$1/|/index\\.ts$' },
    ),
    forbid(
      'platform-knows-no-room',
      'No domain words in platform/.',
      { path: '^src/platform/' },
      { path: `${anyRoom}|^src/[^/]+\\.ts$` },
    ),
    ...roomRules,
    forbid(
      'rules-are-pure',
      'Rules decide; they read and write nothing.',
      { path: '-rules\\.ts$' },
      { path: '^(node:)?(fs|net|http|https|child_process)$' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
