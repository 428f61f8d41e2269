import { InvalidArgumentError, type Command } from 'commander';
import { agreementInForce, findAcceptances, findAgreementVersions } from '../agreements/index.ts';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import { printRows, printValue, withTools, type Printing } from './frame.ts';
import { knownPartner } from './partner-commands.ts';

const UnknownVersion = {
  code: 'unknown-version',
  status: 404,
  title: 'There is no such version of an agreement with this partner.',
} as const satisfies RefusalKind;

/** `sluice agreement show`: all that one version says. */
export function addShowTermsCommand(agreement: Command): void {
  agreement
    .command('show')
    .description('print the whole terms of the version in force, or of another one')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--version <number>', 'this version', readVersion)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nAmounts are whole minor units of their currency; a version ends before the day `validUntil`.\n' +
        '\nExamples:\n  sluice agreement show --partner brightside' +
        '\n  sluice agreement show --partner brightside --version 1 --json',
    )
    .action(async (options: Printing & { partner: string; version?: number }) => {
      await withTools(async ({ db, clock }) => {
        const { id, key } = await knownPartner(db, options.partner);
        const versions = await findAgreementVersions(db, id);
        const now = agreementInForce(versions, clock.now()) ?? versions.at(-1);
        const asked = versions.find(({ version }) => version === options.version);
        const one = options.version === undefined ? now : asked;
        if (!one) throw new Refusal(UnknownVersion);
        const { version, validFrom, validUntil, terms, retirement } = one;
        const acceptances = await findAcceptances(db, id);
        const accepted = Object.fromEntries(
          acceptances
            .filter((said) => said.version === version)
            .map(({ side, by, evidence }) => [side, { by, evidence }]),
        );
        const told = { partner: key, version, validFrom, validUntil, retirement, accepted, terms };
        if (options.json) printValue(told, options);
        else printRows(factsOf(told));
      });
    });
}

function readVersion(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Say its number.');
}

/** Each value on a line of its own, under the names that lead to it. */
function factsOf(value: unknown, path = ''): { term: string; value: string }[] {
  if (value instanceof Date) return [{ term: path, value: value.toISOString() }];
  if (value === null) return [{ term: path, value: 'none' }];
  if (typeof value !== 'object') {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return [{ term: path, value: text }];
  }
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) {
    return [{ term: path, value: value.join(' ') }];
  }
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) =>
    factsOf(part, path === '' ? name : `${path}.${name}`),
  );
}
