-- A partner reads its fee lines by the month in which they become available, as on its statements:
-- the month in which a payment settled or a refund was made can be hidden from it.
drop index fee_accruals_of_month;
create index fee_accruals_of_availability on fee_accruals (partner_id, available_on, line_id);
