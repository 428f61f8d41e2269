import type { Command } from 'commander';
import { judgeCoverage, readCoverage, type PromiseCoverage } from '../coverage/index.ts';
import { counted, failWith, printText, printValue, type Printing } from './frame.ts';

/** `sluice policy coverage`: what keeps each promise, and what proves that it is kept. */
export function addCoverageCommand(policy: Command): void {
  policy
    .command('coverage')
    .description('list every promise with its control, rule, code and tests; ends with 1 on a gap')
    .option('--gaps', 'list the gaps alone')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice policy coverage --gaps')
    .action((options: Printing & { gaps?: boolean }) => {
      const all = judgeCoverage(readCoverage());
      const shown = options.gaps ? all.filter(({ standing }) => standing === 'gap') : all;
      if (options.json) printValue(shown, options);
      else printText([...shown.map(paragraphOf), summaryOf(all)].join('\n\n'));
      if (all.some(({ standing }) => standing === 'gap')) failWith(1);
    });
}

function paragraphOf(coverage: PromiseCoverage): string {
  const { promise, title, standing, control, rules, code, named, tests, missing } = coverage;
  const proofs = tests.map((test) => `${test.file}: ${test.title}`);
  return [
    `${promise}  ${standing.toUpperCase()}  ${title}`,
    ...labelled('control', [control]),
    ...labelled('rule', rules),
    ...labelled('code', code),
    ...labelled('named in', named),
    ...labelled('test', proofs),
    ...labelled('missing', missing),
  ].join('\n');
}

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(8)}  ${line}`);
}

function summaryOf(all: readonly PromiseCoverage[]): string {
  const number = (standing: PromiseCoverage['standing']) =>
    all.filter((one) => one.standing === standing).length;
  return `${counted(all.length, 'promise')}: ${String(number('kept'))} kept, ${String(number('open'))} open, ${counted(number('gap'), 'gap')}.`;
}
