import type { Command } from 'commander';

type Add = (program: Command) => void;

/**
 * Every command of the first level, in the order of the help, and the file that adds it. A file is
 * loaded when one of its commands is asked for: loading all takes longer than most commands do.
 */
const families: readonly (readonly [names: string, load: () => Promise<Add>])[] = [
  ['serve', async () => (await import('./serve-commands.ts')).addServeCommands],
  ['demo', async () => (await import('./demo-commands.ts')).addDemoCommands],
  ['migrate', async () => (await import('./database-commands.ts')).addDatabaseCommands],
  ['backup restore', async () => (await import('./backup-commands.ts')).addBackupCommands],
  ['load', async () => (await import('./load-commands.ts')).addLoadCommands],
  ['policy', async () => (await import('./policy-commands.ts')).addPolicyCommands],
  ['staff', async () => (await import('./staff-commands.ts')).addStaffCommands],
  ['proposal', async () => (await import('./proposal-commands.ts')).addProposalCommands],
  [
    'partner',
    async () => {
      const { addPartnerCommands } = await import('./partner-commands.ts');
      const { addBudgetCommand } = await import('./budget-commands.ts');
      return (program) => {
        addBudgetCommand(addPartnerCommands(program));
      };
    },
  ],
  ['terms', async () => (await import('./terms-commands.ts')).addTermsCommands],
  ['client', async () => (await import('./client-commands.ts')).addClientCommands],
  ['agreement', async () => (await import('./agreement-commands.ts')).addAgreementCommands],
  ['schema', async () => (await import('./schema-commands.ts')).addSchemaCommands],
  ['promotion', async () => (await import('./promotion-commands.ts')).addPromotionCommands],
  ['attribution', async () => (await import('./attribution-commands.ts')).addAttributionCommands],
  [
    'relationship',
    async () => (await import('./relationship-commands.ts')).addRelationshipCommands,
  ],
  ['choice', async () => (await import('./choice-commands.ts')).addChoiceCommands],
  ['joint', async () => (await import('./joint-commands.ts')).addJointCommands],
  ['billing', async () => (await import('./billing-commands.ts')).addBillingCommands],
  ['events', async () => (await import('./event-commands.ts')).addEventCommands],
  ['fees', async () => (await import('./fees-commands.ts')).addFeesCommands],
  ['statement', async () => (await import('./settlement-commands.ts')).addSettlementCommands],
  ['reconcile', async () => (await import('./reconcile-commands.ts')).addReconcileCommands],
  ['payee', async () => (await import('./payee-commands.ts')).addPayeeCommands],
  ['payout', async () => (await import('./payout-commands.ts')).addPayoutCommands],
  ['remittance', async () => (await import('./remittance-commands.ts')).addRemittanceCommands],
  ['ledger', async () => (await import('./ledger-commands.ts')).addLedgerCommands],
  ['log', async () => (await import('./log-commands.ts')).addLogCommands],
  ['witness', async () => (await import('./witness-commands.ts')).addWitnessCommands],
  ['why', async () => (await import('./why-commands.ts')).addWhyCommands],
  ['settings', async () => (await import('./settings-commands.ts')).addSettingsCommands],
];

/** Adds the command asked for, or, where it is none of them (help, a slip), every command. */
export async function addCommands(program: Command, asked: string | undefined): Promise<void> {
  const named = families.filter(([names]) => names.split(' ').includes(asked ?? ''));
  for (const [, load] of named.length > 0 ? named : families) (await load())(program);
}
