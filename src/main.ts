#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addAgreementCommands } from './commands/agreement-commands.ts';
import { addAttributionCommands } from './commands/attribution-commands.ts';
import { addBackupCommands } from './commands/backup-commands.ts';
import { addBudgetCommand } from './commands/budget-commands.ts';
import { addChoiceCommands } from './commands/choice-commands.ts';
import { addClientCommands } from './commands/client-commands.ts';
import { addCoverageCommand } from './commands/coverage-commands.ts';
import { addDatabaseCommands } from './commands/database-commands.ts';
import { addDemoCommands } from './commands/demo-commands.ts';
import { addEventCommands } from './commands/event-commands.ts';
import { addFeesCommands } from './commands/fees-commands.ts';
import { runProgram, sayMisuse } from './commands/frame.ts';
import { addJointCommands } from './commands/joint-commands.ts';
import { addLoadCommands } from './commands/load-commands.ts';
import { addLogCommands } from './commands/log-commands.ts';
import { addPartnerCommands } from './commands/partner-commands.ts';
import { addPolicyCommands } from './commands/policy-commands.ts';
import { addPromotionCommands } from './commands/promotion-commands.ts';
import { addProposalCommands } from './commands/proposal-commands.ts';
import { addReconcileCommands } from './commands/reconcile-commands.ts';
import { addRelationshipCommands } from './commands/relationship-commands.ts';
import { addSchemaCommands } from './commands/schema-commands.ts';
import { addServeCommands } from './commands/serve-commands.ts';
import { addLedgerCommands } from './commands/ledger-commands.ts';
import { addSettingsCommands } from './commands/settings-commands.ts';
import { addPayeeCommands } from './commands/payee-commands.ts';
import { addPayoutCommands } from './commands/payout-commands.ts';
import { addSettlementCommands } from './commands/settlement-commands.ts';
import { addTermsCommands } from './commands/terms-commands.ts';
import { addWhyCommands } from './commands/why-commands.ts';
import { addWitnessCommands } from './commands/witness-commands.ts';
import { addStaffCommands } from './commands/staff-commands.ts';

const project = new URL('../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(project, 'utf8')) as { version: string };

/** The command line. Every command calls the same acts as the gateway. */
const program = new Command('sluice')
  .description('A partner data-sharing gateway: the one door through which customer data leaves.')
  .version(version)
  // A command may have a --version of its own.
  .enablePositionalOptions()
  .addHelpText('after', '\nExample:\n  sluice relationship list --help')
  .exitOverride()
  .configureOutput({ outputError: sayMisuse });

addServeCommands(program);
addDemoCommands(program);
addDatabaseCommands(program);
addBackupCommands(program);
addLoadCommands(program);
addPolicyCommands(program);
addStaffCommands(program);
addProposalCommands(program);
addPartnerCommands(program);
addBudgetCommand(program);
addTermsCommands(program);
addClientCommands(program);
addAgreementCommands(program);
addSchemaCommands(program);
addPromotionCommands(program);
addAttributionCommands(program);
addRelationshipCommands(program);
addChoiceCommands(program);
addJointCommands(program);
addEventCommands(program);
addFeesCommands(program);
addSettlementCommands(program);
addReconcileCommands(program);
addPayeeCommands(program);
addPayoutCommands(program);
addLedgerCommands(program);
addLogCommands(program);
addWitnessCommands(program);
addCoverageCommand(program);
addWhyCommands(program);
addSettingsCommands(program);

await runProgram(program, process.argv);
