-- Flat amounts and graduated tiers: no single rate made the fee of such a line.
alter table fee_accruals alter column rate_percent drop not null;
