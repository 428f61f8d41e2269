import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { addCommands } from '../../src/commands/families.ts';

/** What the help lists when this was asked for. */
async function listedFor(asked: string | undefined): Promise<string[]> {
  const program = new Command('sluice');
  await addCommands(program, asked);
  return program.commands.map((command) => command.name());
}

test('a command is found by its own name alone, as it is among all', async () => {
  const all = await listedFor(undefined);
  expect(all.length).toBeGreaterThan(25);
  expect(await listedFor('hepl')).toEqual(all);
  for (const name of all) {
    const found = await listedFor(name);
    expect(found).toContain(name);
    expect(found.length).toBeLessThanOrEqual(2);
  }
});
