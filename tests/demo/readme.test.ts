import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { settingsTable } from '../../src/commands/settings-commands.ts';
import { guideOf } from '../../src/demo/index.ts';

const readme = readFileSync('README.md', 'utf8');

test('the README has the lines that the demo prints', () => {
  const guide = guideOf({
    origin: 'http://127.0.0.1:8080',
    credentials: 'data/demo/brightside.env',
    folder: 'data/demo',
    dataDir: undefined,
  });
  const lines = guide.slice(guide.indexOf('# a token'), guide.indexOf('\n\nCtrl-C'));
  expect(readme).toContain(`\`\`\`sh\n${lines}\n\`\`\`\n`);
});

test('the README’s map shows every room there is, and no other', () => {
  const shown = [...readme.matchAll(/^\| `src\/([a-z]+)\/` \|/gm)].map(([, room]) => String(room));
  const folders = readdirSync('src', { withFileTypes: true }).filter((one) => one.isDirectory());
  expect(shown.sort()).toEqual(folders.map(({ name }) => name).sort());
});

test('the README’s table of settings is the one that the program prints', () => {
  expect(readme).toContain(`\n${settingsTable()}\n`);
});
