-- How the fees on a statement are taxed, as an amount of its own: part of what the statement closes
-- with, and posted to an account of its own, so that expense and income stay net.
alter table closed_statements add column tax_minor bigint not null default 0;
alter table closed_statements drop constraint statement_adds_up;
alter table closed_statements add constraint statement_adds_up check
  (closing_minor = opening_minor + accrued_minor + reversed_minor + adjusted_minor + tax_minor);
-- What a statement opens with was taxed before.
alter table closed_statements add constraint only_lines_are_taxed check
  (tax_minor = 0 or line_count + adjustment_count > 0);

alter table ledger_accounts drop constraint ledger_accounts_account_check;
alter table ledger_accounts add constraint ledger_accounts_account_check check (account in
  ('referral-expense', 'partner-payable', 'referral-income', 'partner-receivable', 'fee-tax',
   'clearing'));
