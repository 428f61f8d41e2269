import type { Command } from 'commander';
import { minorText } from '../platform/money.ts';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import { receiveFees, recomputeFees, type FeeVerdict } from '../recomputation/index.ts';
import { readText } from './files.ts';
import { failWith, misuse, printRows, printText, printValue, say, type Printing } from './frame.ts';

interface RecomputeOptions extends Printing {
  readonly url: string;
  readonly tokenFile: string;
  readonly statement: string;
}

const NotClosed: RefusalKind = {
  code: 'not-closed',
  status: 404,
  title: 'There is no such closed statement.',
};
const ApiRefused: RefusalKind = {
  code: 'api-refused',
  status: 503,
  title: 'The partner API refused.',
};
const ApiAway: RefusalKind = {
  code: 'api-away',
  status: 503,
  title: 'The partner API can’t be reached.',
};

/** `sluice fees recompute`: what a partner runs, with its token alone. */
export function addRecomputeCommand(fees: Command): void {
  fees
    .command('recompute')
    .description('a partner’s side: compute a closed statement again from what its API sends')
    .requiredOption('--url <origin>', 'the gateway: https://sluice.example')
    .requiredOption(
      '--token-file <file>',
      'a file with an access token of the scopes fees, billing',
    )
    .requiredOption('--statement <id>', 'a closed statement: 2026-10.EUR')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nAll closed statements of its currency are computed by a calculation of their own, without the' +
        '\ndatabase: later ones adjust what this one states. Each difference is named. Ends with 1 when there is one.\n' +
        '\nExample:\n  sluice fees recompute --url http://127.0.0.1:8080 --token-file token.txt --statement 2026-10.EUR',
    )
    .action(async (options: RecomputeOptions) => {
      if (!(await recompute(options))) failWith(1);
    });
}

async function recompute(options: RecomputeOptions): Promise<boolean> {
  const { url, tokenFile, statement, json } = options;
  if (!URL.canParse(url)) misuse('--url is not a URL.');
  const token = (await readText(tokenFile)).trim();
  const given = await receiveFees(askerOf(url, token), statement);
  if (!given) throw new Refusal(NotClosed, `There is no closed statement ${statement}.`);
  const { received, problems } = given;
  const verdict = recomputeFees(received);
  const all = [...problems, ...verdict.problems];
  const agrees = verdict.agrees && all.length === 0;
  const currency = received.statements[0]?.currency ?? '';
  const { withheld, differences, uncertain, unstated } = verdict;
  if (json) {
    const told = {
      ...{ statement, currency, agrees, recomputed: verdict.recomputed },
      withheld: { count: withheld.count, minor: String(withheld.minor) },
      differences: differences.map(inText),
      uncertain: uncertain.map(inText),
      unstated: unstated.map(inText),
      problems: all,
    };
    printValue(told, options);
    return agrees;
  }
  printText(
    sentenceOf(verdict, { statement, currency, count: received.statements.length, agrees }),
  );
  if (differences.length > 0) printRows(rowsOf(differences, currency), options);
  for (const problem of all) say(problem);
  for (const [those, what] of [
    [uncertain, 'cannot be certain, and are taken as stated'],
    [unstated, 'are on no statement: as if they became known after the last close'],
  ] as const) {
    if (those.length === 0) continue;
    printText(`${String(those.length)} fees ${what}:`);
    printRows(rowsOf(those, currency), options);
  }
  return agrees;
}

const inText = (one: FeeVerdict['differences'][number]) => ({
  ...one,
  statedMinor: String(one.statedMinor),
  recomputedMinor: String(one.recomputedMinor),
});

const moneyText = (minor: bigint, currency: string) => `${minorText(minor, currency)} ${currency}`;

function rowsOf(differences: FeeVerdict['differences'], currency: string) {
  return differences.map(({ lines, payment, refund, statedMinor, recomputedMinor }) => ({
    line: lines.join(' ') || 'none',
    payment,
    refund: refund ?? '',
    stated: moneyText(statedMinor, currency),
    recomputed: moneyText(recomputedMinor, currency),
  }));
}

function sentenceOf(
  { recomputed, withheld, differences }: FeeVerdict,
  { statement, currency, count, agrees }: { statement: string; currency: string; count: number; agrees: boolean }, // prettier-ignore
): string {
  const others = `${String(count - 1)} other closed statement${count === 2 ? '' : 's'} of ${currency}`;
  const of = count === 1 ? statement : `${statement} and ${others}`;
  const head = agrees
    ? `${of}: all ${String(recomputed)} fees come out as stated.`
    : `${of}: ${String(recomputed)} fees come out as stated, ${String(differences.length)} do not.`;
  if (withheld.count === 0) return head;
  return `${head}\n${String(withheld.count)} lines of ${moneyText(withheld.minor, currency)} in all are withheld; they cannot be recomputed.`;
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly title?: string;
}

/** Asks by the token; what is neither shared nor there is undefined, what is refused is said as the gateway says it. */
function askerOf(url: string, token: string): (path: string) => Promise<unknown> {
  return async (path) => {
    const answer = await fetch(new URL(path, url), {
      headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' },
      redirect: 'error',
    }).catch((cause: unknown) => {
      throw Object.assign(new Refusal(ApiAway, `${url} can’t be reached.`), { cause });
    });
    if (answer.status === 404) return undefined;
    const body = (await answer.json().catch(() => ({}))) as Problem;
    // A view without refunds has none to tell of.
    if (body.code === 'class-not-shared') return undefined;
    if (answer.status !== 200) {
      const why = body.detail ?? body.title ?? '';
      throw new Refusal(ApiRefused, `${path} was answered with ${String(answer.status)}: ${why}`);
    }
    return body;
  };
}
