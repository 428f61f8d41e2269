import type { Command } from 'commander';
import { settingDescriptions, type SettingDescription } from '../platform/settings-schema.ts';
import { printRows, printValue, type Printing } from './frame.ts';

/** `sluice settings`: every setting there is; `--markdown` prints the README's table. */
export function addSettingsCommands(program: Command): void {
  program
    .command('settings')
    .description('list the settings, with unit, default and meaning')
    .option('--markdown', 'print the table of the README')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice settings')
    .action((options: Printing & { markdown?: boolean }) => {
      if (options.markdown === true) printValue(settingsTable());
      else printRows(Object.entries(settingDescriptions).map(rowOf), options);
    });
}

/** The settings as a Markdown table, out of their one schema. */
export function settingsTable(): string {
  const lines = Object.entries(settingDescriptions).map((entry) => {
    const { setting, default: standard, meaning } = rowOf(entry);
    return `| \`${setting}\` | ${standard === '' ? '–' : `\`${standard}\``} | ${meaning} |`;
  });
  return ['| setting | default | meaning |', '|---|---|---|', ...lines].join('\n');
}

function rowOf([setting, description]: [string, SettingDescription]) {
  const { $comment: unit } = description;
  const isSecret = description.writeOnly === true;
  return {
    setting,
    default: String(description.default ?? ''),
    meaning: [
      description.description,
      ...(unit === undefined ? [] : [`In ${unit}.`]),
      ...(description.enum === undefined ? [] : [`One of ${description.enum.join(', ')}.`]),
      ...(isSecret ? ['Secret.'] : []),
    ].join(' '),
  };
}
