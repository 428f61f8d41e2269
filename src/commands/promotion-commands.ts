import type { Command } from 'commander';
import type { Tools } from '../platform/tools.ts';
import {
  addPromotion,
  endPromotion,
  listPromotions,
  type ToldPromotion,
} from '../promotions/index.ts';
import { printRows, withTools, type Printing } from './frame.ts';
import { momentOf } from './moments.ts';
import { knownPartner } from './partner-commands.ts';

/** `sluice promotion …`: partners' links. */
export function addPromotionCommands(program: Command): void {
  const promotion = program
    .command('promotion')
    .description('partners’ links: add, list and end them')
    .addHelpText('after', '\nExample:\n  sluice promotion list --partner brightside');
  addAdding(promotion);
  addReading(promotion);
  addEnding(promotion);
}

const actorOption = ['--actor <name>', 'who says so', 'operator'] as const;

interface Added extends Printing {
  readonly partner: string;
  readonly to: string;
  readonly service?: string;
  readonly from?: string;
  readonly until?: string;
  readonly actor: string;
}

function addAdding(promotion: Command): void {
  promotion
    .command('add')
    .description('give a referral partner a link, /r/<code>')
    .argument('<code>', '1 to 40 letters, digits and hyphens; never given twice')
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--to <url>', 'where it leads: an address of one of SLUICE_LANDING_ORIGINS')
    .option('--service <key>', 'sign-ups for this service alone count')
    .option('--from <when>', 'from when clicks count: a day or an instant; now')
    .option('--until <when>', 'until when: a day or an instant; without end')
    .option(...actorOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice promotion add spring --partner brightside --to https://www.example.com/spring',
    )
    .action(async (code: string, options: Added) => {
      await withTools(async (tools) => {
        const { timeZone } = tools.settings;
        const { to, service, from, until, actor } = options;
        const { id: partnerId } = await knownPartner(tools.db, options.partner);
        const added = await addPromotion(tools, {
          ...{ partnerId, code, landing: to, service, by: actor },
          from: momentOf('--from', from, timeZone),
          until: momentOf('--until', until, timeZone),
        });
        printRows(await rowsOf(tools, ({ id }) => id === added.id), options);
      });
    });
}

function addReading(promotion: Command): void {
  promotion
    .command('list')
    .description('list the links, and whether their clicks count now')
    .option('--partner <key>', 'this partner only')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice promotion list --partner brightside')
    .action(async (options: Printing & { partner?: string }) => {
      await withTools(async (tools) => {
        const { partner } = options;
        const id = partner === undefined ? undefined : (await knownPartner(tools.db, partner)).id;
        const rows = await rowsOf(tools, ({ partnerId }) => partnerId === (id ?? partnerId));
        printRows(rows, { ...options, none: 'No promotions yet.' });
      });
    });
}

function addEnding(promotion: Command): void {
  promotion
    .command('end')
    .description('end a link: clicks from then on count for nothing')
    .argument('<code>', 'its code')
    .option('--at <when>', 'a day or an instant to come; now where nothing is said')
    .option(...actorOption)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice promotion end spring')
    .action(async (code: string, options: Printing & { at?: string; actor: string }) => {
      await withTools(async (tools) => {
        const at = momentOf('--at', options.at, tools.settings.timeZone);
        const ended = await endPromotion(tools, { code, at, by: options.actor });
        printRows(await rowsOf(tools, ({ id }) => id === ended.id), options);
      });
    });
}

async function rowsOf(tools: Tools, isMeant: (one: ToldPromotion) => boolean) {
  return (await listPromotions(tools)).filter(isMeant).map((one) => ({
    code: one.code,
    partner: one.partner,
    service: one.service ?? '',
    standing: one.standing,
    from: one.from.toISOString(),
    until: one.until?.toISOString() ?? '',
    link: one.link,
    'leads to': one.landing,
  }));
}
