-- tables
partitioned table disclosure_entries owner sluice_owner by RANGE (entry_id)
sequence partner_budgets_id_seq owner sluice_owner
sequence policy_versions_number_seq owner sluice_owner
table agreed_adjustments owner sluice_owner
table agreement_acceptances owner sluice_owner
table agreement_offers owner sluice_owner
table agreement_retirements owner sluice_owner
table agreement_versions owner sluice_owner
table approved_statements owner sluice_owner
table attribution_decisions owner sluice_owner
table attributions owner sluice_owner
table billing_modes owner sluice_owner
table budget_counts owner sluice_owner
table calendar_days owner sluice_owner
table choices owner sluice_owner
table claim_decisions owner sluice_owner
table claims owner sluice_owner
table client_certificates owner sluice_owner
table client_keys owner sluice_owner
table client_secrets owner sluice_owner
table clients owner sluice_owner
table closed_lines owner sluice_owner
table closed_pages owner sluice_owner
table closed_statements owner sluice_owner
table collection_reports owner sluice_owner
table customers owner sluice_owner
table disclosure_secrets owner sluice_owner with toast_tuple_target=8160
table disclosure_subjects owner sluice_owner
table fee_accruals owner sluice_owner
table fee_computations owner sluice_owner
table joint_closures owner sluice_owner row security
table joint_records owner sluice_owner row security with toast_tuple_target=8160
table ledger_accounts owner sluice_owner
table ledger_entries owner sluice_owner
table ledger_lines owner sluice_owner
table log_archived_ids owner sluice_owner
table log_cosignatures owner sluice_owner
table log_counters owner sluice_owner
table log_erased_leaves owner sluice_owner
table log_exports owner sluice_owner
table log_heads owner sluice_owner row security with fillfactor=50
table log_nodes owner sluice_owner
table log_places owner sluice_owner
table log_postings owner sluice_owner
table log_renewals owner sluice_owner
table log_secrets owner sluice_owner
table log_subjects owner sluice_owner
table logged_statements owner sluice_owner
table paid_statements owner sluice_owner
table partner_budgets owner sluice_owner
table partner_contacts owner sluice_owner
table partner_events owner sluice_owner
table partners owner sluice_owner
table payees owner sluice_owner
table payout_batches owner sluice_owner
table payout_items owner sluice_owner
table policy_activations owner sluice_owner
table policy_versions owner sluice_owner
table processor_events owner sluice_owner
table promotions owner sluice_owner
table proposals owner sluice_owner
table records owner sluice_owner
table relationship_events owner sluice_owner
table relationships owner sluice_owner
table services owner sluice_owner
table staff owner sluice_owner
table stated_transfers owner sluice_owner
table terms_acceptances owner sluice_owner
table terms_versions owner sluice_owner
table tokens owner sluice_owner
table transfers owner sluice_owner
table used_jtis owner sluice_owner
table view_retirements owner sluice_owner
table views owner sluice_owner

-- columns
agreed_adjustments 001 partner_id uuid not null
agreed_adjustments 002 claim_id uuid not null
agreed_adjustments 003 currency text not null
agreed_adjustments 004 amount_minor bigint not null
agreed_adjustments 005 month text not null
agreed_adjustments 006 agreement_version integer not null
agreed_adjustments 007 agreed_at timestamp with time zone not null
agreed_adjustments 008 created_at timestamp with time zone not null default now()
agreement_acceptances 001 partner_id uuid not null
agreement_acceptances 002 version integer not null
agreement_acceptances 003 side text not null
agreement_acceptances 004 accepted_by text not null
agreement_acceptances 005 evidence text not null
agreement_acceptances 006 accepted_at timestamp with time zone not null
agreement_offers 001 partner_id uuid not null
agreement_offers 002 number integer not null
agreement_offers 003 valid_from date not null
agreement_offers 004 terms jsonb not null
agreement_offers 005 offered_at timestamp with time zone not null
agreement_offers 006 offered_by text not null
agreement_offers 007 outcome text not null default 'open'::text
agreement_offers 008 decided_at timestamp with time zone
agreement_offers 009 decided_by text
agreement_retirements 001 partner_id uuid not null
agreement_retirements 002 sequence integer not null
agreement_retirements 003 version integer not null
agreement_retirements 004 side text not null
agreement_retirements 005 said_at timestamp with time zone not null
agreement_retirements 006 ends_at timestamp with time zone not null
agreement_retirements 007 said_by text not null
agreement_retirements 008 reason text not null
agreement_versions 001 partner_id uuid not null
agreement_versions 002 version integer not null
agreement_versions 003 valid_from date not null
agreement_versions 004 valid_until date
agreement_versions 005 terms jsonb not null
agreement_versions 006 created_at timestamp with time zone not null default now()
agreement_versions 007 published_at timestamp with time zone not null
approved_statements 001 partner_id uuid not null
approved_statements 002 currency text not null
approved_statements 003 number integer not null
approved_statements 004 approved_by text not null
approved_statements 005 approved_at timestamp with time zone not null
approved_statements 006 created_at timestamp with time zone not null default now()
attribution_decisions 001 customer_id uuid not null
attribution_decisions 002 attribution_id uuid not null
attribution_decisions 003 partner_id uuid
attribution_decisions 004 relationship_id uuid
attribution_decisions 005 proposed_by text not null
attribution_decisions 006 approved_by text not null
attribution_decisions 007 reason text not null
attribution_decisions 008 decided_at timestamp with time zone not null
attribution_decisions 009 created_at timestamp with time zone not null default now()
attributions 001 customer_id uuid not null
attributions 002 attribution_id uuid not null
attributions 003 service_id uuid not null
attributions 004 sign_up_id text
attributions 005 request_sha256 bytea
attributions 006 signed_up_at timestamp with time zone not null
attributions 007 status text not null
attributions 008 partner_id uuid
attributions 009 findings text[] not null
attributions 010 evidence jsonb not null
attributions 011 rule_version integer not null
attributions 012 relationship_id uuid
attributions 013 told_by text not null
attributions 014 decided_at timestamp with time zone not null
attributions 015 created_at timestamp with time zone not null default now()
billing_modes 001 customer_id uuid not null
billing_modes 002 relationship_id uuid not null
billing_modes 003 sequence integer not null
billing_modes 004 partner_id uuid not null
billing_modes 005 service_id uuid not null
billing_modes 006 mode text not null
billing_modes 007 from_day date not null
billing_modes 008 evidence text not null
billing_modes 009 actor text not null
billing_modes 010 booked_at timestamp with time zone not null
billing_modes 011 created_at timestamp with time zone not null default now()
budget_counts 001 key character varying(255) not null
budget_counts 002 points integer not null default 0
budget_counts 003 expire bigint
calendar_days 001 country text not null
calendar_days 002 day date not null
calendar_days 003 is_working boolean not null
calendar_days 004 name text
choices 001 customer_id uuid not null
choices 002 sequence integer not null
choices 003 partner_id uuid
choices 004 sharing text not null
choices 005 at timestamp with time zone not null
choices 006 evidence text not null
choices 007 actor text not null
choices 008 booked_at timestamp with time zone not null
claim_decisions 001 partner_id uuid not null
claim_decisions 002 claim_id uuid not null
claim_decisions 003 number integer not null
claim_decisions 004 decision text not null
claim_decisions 005 due_on date
claim_decisions 006 reason text not null
claim_decisions 007 ours_minor bigint not null
claim_decisions 008 theirs_minor bigint not null
claim_decisions 009 tolerance_minor bigint not null
claim_decisions 010 decided_by text not null
claim_decisions 011 approved_by text
claim_decisions 012 decided_at timestamp with time zone not null
claim_decisions 013 created_at timestamp with time zone not null default now()
claims 001 partner_id uuid not null
claims 002 claim_id uuid not null
claims 003 period text not null
claims 004 currency text not null
claims 005 number integer not null
claims 006 media text not null
claims 007 content bytea
claims 008 sha256 bytea not null
claims 009 line_count integer not null
claims 010 total_minor bigint not null
claims 011 brought_by text
claims 012 received_at timestamp with time zone not null
claims 013 kept_until timestamp with time zone not null
claims 014 created_at timestamp with time zone not null default now()
client_certificates 001 client_id text not null
client_certificates 002 thumbprint text not null
client_certificates 003 not_before timestamp with time zone not null
client_certificates 004 not_after timestamp with time zone not null
client_certificates 005 created_at timestamp with time zone not null
client_certificates 006 expires_at timestamp with time zone
client_certificates 007 used_at timestamp with time zone
client_keys 001 client_id text not null
client_keys 002 thumbprint text not null
client_keys 003 jwk jsonb not null
client_keys 004 created_at timestamp with time zone not null
client_keys 005 expires_at timestamp with time zone
client_keys 006 used_at timestamp with time zone
client_secrets 001 client_id text not null
client_secrets 002 secret_hash bytea not null
client_secrets 003 created_at timestamp with time zone not null
client_secrets 004 expires_at timestamp with time zone
client_secrets 005 used_at timestamp with time zone
clients 001 client_id text not null
clients 002 partner_id uuid not null
clients 003 name text not null
clients 004 status text not null default 'active'::text
clients 005 created_at timestamp with time zone not null
clients 006 auth_method text not null default 'client_secret_basic'::text
clients 007 dpop_required boolean not null default false
clients 008 is_sandbox boolean not null default false
clients 009 jwks_uri text
clients 010 keys_fetched_at timestamp with time zone
clients 011 keys_tried_at timestamp with time zone
clients 012 networks text[]
closed_lines 001 partner_id uuid not null
closed_lines 002 currency text not null
closed_lines 003 number integer not null
closed_lines 004 line_id uuid not null
closed_lines 005 adjustment text
closed_lines 006 kind text not null
closed_lines 007 direction text not null
closed_lines 008 amount_minor bigint not null
closed_lines 009 month text not null
closed_lines 010 agreement_version integer not null
closed_lines 011 customer_id uuid
closed_lines 012 service_id uuid
closed_lines 013 settled_at timestamp with time zone
closed_lines 014 occurred_at timestamp with time zone
closed_lines 015 created_at timestamp with time zone not null default now()
closed_pages 001 partner_id uuid not null
closed_pages 002 currency text not null
closed_pages 003 number integer not null
closed_pages 004 first_line integer not null
closed_pages 005 lines bytea not null
closed_pages 006 created_at timestamp with time zone not null default now()
closed_statements 001 partner_id uuid not null
closed_statements 002 currency text not null
closed_statements 003 number integer not null
closed_statements 004 period text not null
closed_statements 005 from_day date not null
closed_statements 006 until_day date not null
closed_statements 007 opening_minor bigint not null
closed_statements 008 accrued_minor bigint not null
closed_statements 009 reversed_minor bigint not null
closed_statements 010 adjusted_minor bigint not null
closed_statements 011 closing_minor bigint not null
closed_statements 012 payout_minor bigint not null
closed_statements 013 forfeited_minor bigint not null
closed_statements 014 carried_minor bigint not null
closed_statements 015 line_count integer not null
closed_statements 016 adjustment_count integer not null
closed_statements 017 agreement_versions integer[] not null
closed_statements 018 document bytea not null
closed_statements 019 sha256 bytea not null
closed_statements 020 closed_by text not null
closed_statements 021 closed_at timestamp with time zone not null
closed_statements 022 created_at timestamp with time zone not null default now()
closed_statements 023 tax_minor bigint not null default 0
closed_statements 024 collected_minor bigint not null default 0
closed_statements 025 remitted_minor bigint not null default 0
collection_reports 001 partner_id uuid not null
collection_reports 002 reference text not null
collection_reports 003 number bigint not null
collection_reports 004 customer_id uuid not null
collection_reports 005 service_id uuid not null
collection_reports 006 invoice_id uuid not null
collection_reports 007 status text not null
collection_reports 008 amount_minor bigint
collection_reports 009 currency text not null
collection_reports 010 at timestamp with time zone not null
collection_reports 011 reason text
collection_reports 012 takes_back text
collection_reports 013 booked_at timestamp with time zone not null
collection_reports 014 created_at timestamp with time zone not null default now()
customers 001 customer_id uuid not null
customers 002 created_at timestamp with time zone not null default now()
disclosure_entries 001 recipient_id uuid not null
disclosure_entries 002 index bigint not null
disclosure_entries 003 entry_id uuid not null
disclosure_entries 004 entry text not null
disclosure_entries 005 leaf_hash bytea not null
disclosure_entries 006 created_at timestamp with time zone not null default now()
disclosure_secrets 001 recipient_id uuid not null
disclosure_secrets 002 index bigint not null
disclosure_secrets 003 secret bytea
disclosure_secrets 004 leaf_hashes bytea not null
disclosure_secrets 005 filters jsonb
disclosure_secrets 006 salts bytea
disclosure_subjects 001 recipient_id uuid not null
disclosure_subjects 002 index bigint not null
disclosure_subjects 003 numbers bytea not null
disclosure_subjects 004 erased bytea
fee_accruals 001 partner_id uuid not null
fee_accruals 002 line_id uuid not null
fee_accruals 003 kind text not null
fee_accruals 004 customer_id uuid not null
fee_accruals 005 service_id uuid not null
fee_accruals 006 payment_id uuid not null
fee_accruals 007 refund_id uuid
fee_accruals 008 reverses_line_id uuid
fee_accruals 009 settled_at timestamp with time zone not null
fee_accruals 010 occurred_at timestamp with time zone not null
fee_accruals 011 month text not null
fee_accruals 012 available_on date not null
fee_accruals 013 currency text not null
fee_accruals 014 base_minor bigint not null
fee_accruals 015 fee_minor bigint not null
fee_accruals 016 rate_percent text
fee_accruals 017 rounding text not null
fee_accruals 018 agreement_version integer not null
fee_accruals 019 because text
fee_accruals 020 explanation json not null
fee_accruals 021 fingerprint bytea not null
fee_accruals 022 created_at timestamp with time zone not null default now()
fee_computations 001 partner_id uuid not null
fee_computations 002 computed_at timestamp with time zone not null
joint_closures 001 recipient_id uuid not null
joint_closures 002 customer_id uuid not null
joint_closures 003 subject_number integer not null
joint_records 001 recipient_id uuid not null
joint_records 002 record_type text not null
joint_records 003 position uuid not null
joint_records 004 record_id uuid not null
joint_records 005 customer_id uuid not null
joint_records 006 subject_number integer not null
joint_records 007 subject_id text not null
joint_records 008 kind text not null
joint_records 009 services uuid[] not null
joint_records 010 reference jsonb not null
joint_records 011 contact jsonb
joint_records 012 contact_email jsonb
joint_records 013 contact_additional jsonb
joint_records 014 account jsonb
joint_records 015 financial jsonb
joint_records 016 billing jsonb
joint_records 017 business jsonb
ledger_accounts 001 partner_id uuid not null
ledger_accounts 002 currency text not null
ledger_accounts 003 account text not null
ledger_accounts 004 balance_minor bigint not null default 0
ledger_accounts 005 created_at timestamp with time zone not null default now()
ledger_entries 001 partner_id uuid not null
ledger_entries 002 entry_id uuid not null
ledger_entries 003 currency text not null
ledger_entries 004 source text not null
ledger_entries 005 reverses_entry_id uuid
ledger_entries 006 booked_at timestamp with time zone not null
ledger_entries 007 created_at timestamp with time zone not null default now()
ledger_lines 001 partner_id uuid not null
ledger_lines 002 entry_id uuid not null
ledger_lines 003 account text not null
ledger_lines 004 currency text not null
ledger_lines 005 amount_minor bigint not null
ledger_lines 006 created_at timestamp with time zone not null default now()
log_archived_ids 001 recipient_id uuid not null
log_archived_ids 002 entry_id uuid not null
log_archived_ids 003 index bigint not null
log_cosignatures 001 recipient_id uuid not null
log_cosignatures 002 size bigint not null
log_cosignatures 003 witness text not null
log_cosignatures 004 line text not null
log_cosignatures 005 created_at timestamp with time zone not null default now()
log_counters 001 recipient_id uuid not null
log_counters 002 numbered bigint not null default 0
log_erased_leaves 001 recipient_id uuid not null
log_erased_leaves 002 day date not null
log_erased_leaves 003 pseudonym bytea not null
log_erased_leaves 004 entries bytea not null
log_exports 001 recipient_id uuid not null
log_exports 002 from_index bigint not null
log_exports 003 past_index bigint not null
log_exports 004 before date not null
log_exports 005 files integer not null
log_exports 006 digest bytea not null
log_exports 007 created_at timestamp with time zone not null default now()
log_heads 001 recipient_id uuid not null
log_heads 002 log_id text not null
log_heads 003 origin text not null
log_heads 004 size bigint not null default 0
log_heads 005 epoch bigint not null default 0
log_heads 006 frontier bytea not null default '\x'::bytea
log_heads 007 created_at timestamp with time zone not null default now()
log_nodes 001 recipient_id uuid not null
log_nodes 002 level smallint not null
log_nodes 003 index bigint not null
log_nodes 004 hash bytea not null
log_places 001 recipient_id uuid not null
log_places 002 beat bigint not null
log_places 003 origin text not null
log_places 004 size bigint not null
log_places 005 root bytea not null
log_places 006 created_at timestamp with time zone not null default now()
log_postings 001 recipient_id uuid not null
log_postings 002 bucket integer not null
log_postings 003 segment bigint not null
log_postings 004 postings bytea not null
log_renewals 001 recipient_id uuid not null
log_renewals 002 size bigint not null
log_renewals 003 log_id text not null
log_renewals 004 origin text not null
log_renewals 005 was_origin text not null
log_renewals 006 created_at timestamp with time zone not null default now()
log_secrets 001 customer_id uuid not null
log_secrets 002 secret bytea not null
log_secrets 003 created_at timestamp with time zone not null default now()
log_subjects 001 recipient_id uuid not null
log_subjects 002 customer_id uuid not null
log_subjects 003 number bigint not null
log_subjects 004 created_at timestamp with time zone not null default now()
logged_statements 001 partner_id uuid not null
logged_statements 002 currency text not null
logged_statements 003 number integer not null
logged_statements 004 entry_id uuid not null
logged_statements 005 logged_at timestamp with time zone not null
logged_statements 006 created_at timestamp with time zone not null default now()
paid_statements 001 partner_id uuid not null
paid_statements 002 currency text not null
paid_statements 003 number integer not null
paid_statements 004 reference text not null
paid_statements 005 entry_id uuid not null
paid_statements 006 paid_by text not null
paid_statements 007 paid_at timestamp with time zone not null
paid_statements 008 created_at timestamp with time zone not null default now()
partner_budgets 001 id bigint not null identity a
partner_budgets 002 partner_id uuid not null
partner_budgets 003 calls_per_day integer
partner_budgets 004 calls_per_month integer
partner_budgets 005 records_per_day integer
partner_budgets 006 records_per_month integer
partner_budgets 007 set_by text not null
partner_budgets 008 set_at timestamp with time zone not null
partner_contacts 001 partner_id uuid not null
partner_contacts 002 matter text not null
partner_contacts 003 sequence integer not null
partner_contacts 004 name text not null
partner_contacts 005 email text not null
partner_contacts 006 since timestamp with time zone not null
partner_contacts 007 until timestamp with time zone
partner_events 001 partner_id uuid not null
partner_events 002 sequence integer not null
partner_events 003 status text not null
partner_events 004 booked_at timestamp with time zone not null
partner_events 005 actor text not null
partner_events 006 reason text
partners 001 id uuid not null
partners 002 key text not null
partners 003 kind text not null
partners 004 name text not null
partners 005 status text not null default 'invited'::text
partners 006 created_at timestamp with time zone not null default now()
partners 007 legal_form text not null default 'company'::text
payees 001 partner_id uuid not null
payees 002 currency text not null
payees 003 version integer not null
payees 004 name text not null
payees 005 account text not null
payees 006 bic text
payees 007 proposed_by text not null
payees 008 approved_by text not null
payees 009 approved_at timestamp with time zone not null
payees 010 created_at timestamp with time zone not null default now()
payout_batches 001 number integer not null
payout_batches 002 currency text not null
payout_batches 003 execute_on date not null
payout_batches 004 made_by text not null
payout_batches 005 made_at timestamp with time zone not null
payout_batches 006 statement_count integer not null
payout_batches 007 total_minor bigint not null
payout_batches 008 csv bytea not null
payout_batches 009 csv_sha256 bytea not null
payout_batches 010 pain001 bytea
payout_batches 011 pain001_sha256 bytea
payout_batches 012 created_at timestamp with time zone not null default now()
payout_items 001 batch_number integer not null
payout_items 002 position integer not null
payout_items 003 partner_id uuid not null
payout_items 004 currency text not null
payout_items 005 number integer not null
payout_items 006 amount_minor bigint not null
payout_items 007 payee_version integer
payout_items 008 end_to_end_id text not null
payout_items 009 released_at timestamp with time zone
payout_items 010 released_by text
payout_items 011 reason text
payout_items 012 created_at timestamp with time zone not null default now()
policy_activations 001 version text not null
policy_activations 002 actor text not null
policy_activations 003 effective_at timestamp with time zone not null
policy_versions 001 version text not null
policy_versions 002 number bigint not null identity a
policy_versions 003 document jsonb not null
policy_versions 004 digest text not null
policy_versions 005 notice text not null
policy_versions 006 response_directions text not null
policy_versions 007 notice_days integer not null
policy_versions 008 reading text not null generated 
CASE notice_days
    WHEN 30 THEN 'thirty'::text
    WHEN 10 THEN 'ten'::text
    ELSE 'other'::text
END
policy_versions 009 country text not null
policy_versions 010 time_zone text not null
policy_versions 011 actor text not null
policy_versions 012 published_at timestamp with time zone not null
processor_events 001 processor text not null
processor_events 002 event_id text not null
processor_events 003 type text not null
processor_events 004 occurred_at timestamp with time zone not null
processor_events 005 received_at timestamp with time zone not null
processor_events 006 sha256 bytea not null
processor_events 007 state text not null
processor_events 008 reason text
processor_events 009 links text[] not null
processor_events 010 skeleton jsonb
processor_events 011 facts jsonb
processor_events 012 record_keys text[] not null default '{}'::text[]
processor_events 013 changed_at timestamp with time zone not null
processor_events 014 created_at timestamp with time zone not null default now()
promotions 001 id uuid not null
promotions 002 partner_id uuid not null
promotions 003 code text not null
promotions 004 service_id uuid
promotions 005 landing text not null
promotions 006 from_at timestamp with time zone not null
promotions 007 until_at timestamp with time zone
promotions 008 added_by text not null
promotions 009 ended_by text
promotions 010 created_at timestamp with time zone not null
proposals 001 id uuid not null
proposals 002 kind text not null
proposals 003 about jsonb not null
proposals 004 diff json not null
proposals 005 proposed_by text not null
proposals 006 proposed_at timestamp with time zone not null
proposals 007 expires_at timestamp with time zone not null
proposals 008 status text not null default 'open'::text
proposals 009 decided_by text
proposals 010 decided_at timestamp with time zone
proposals 011 reason text
records 001 customer_id uuid not null
records 002 record_type text not null
records 003 record_id uuid not null
records 004 source_key text not null
records 005 service_id uuid
records 006 dated_at timestamp with time zone
records 007 dated_on date
records 008 body jsonb not null
records 009 valid_from timestamp with time zone not null
records 010 valid_to timestamp with time zone
relationship_events 001 customer_id uuid not null
relationship_events 002 relationship_id uuid not null
relationship_events 003 sequence integer not null
relationship_events 004 event text not null
relationship_events 005 at timestamp with time zone
relationship_events 006 evidence text not null
relationship_events 007 actor text not null
relationship_events 008 booked_at timestamp with time zone not null
relationships 001 customer_id uuid not null
relationships 002 relationship_id uuid not null
relationships 003 partner_id uuid not null
relationships 004 service_id uuid not null
relationships 005 kind text not null
relationships 006 reference text
relationships 007 attributed_at timestamp with time zone not null
relationships 008 activated_at timestamp with time zone
relationships 009 ended_at timestamp with time zone
relationships 010 open_parts jsonb not null
relationships 011 is_active boolean not null
relationships 012 created_at timestamp with time zone not null default now()
services 001 id uuid not null
services 002 key text not null
services 003 code text not null
services 004 name text not null
services 005 created_at timestamp with time zone not null default now()
staff 001 id text not null
staff 002 name text not null
staff 003 roles text[] not null
staff 004 key_hash bytea not null
staff 005 status text not null default 'active'::text
staff 006 created_at timestamp with time zone not null
stated_transfers 001 partner_id uuid not null
stated_transfers 002 kind text not null
stated_transfers 003 reference text not null
stated_transfers 004 currency text not null
stated_transfers 005 number integer not null
stated_transfers 006 amount_minor bigint not null
stated_transfers 007 created_at timestamp with time zone not null default now()
terms_acceptances 001 partner_id uuid not null
terms_acceptances 002 version text not null
terms_acceptances 003 accepted_by text not null
terms_acceptances 004 evidence text not null
terms_acceptances 005 accepted_at timestamp with time zone not null
terms_acceptances 006 actor text not null
terms_versions 001 version text not null
terms_versions 002 document text not null
terms_versions 003 digest text not null
terms_versions 004 effective_at timestamp with time zone not null
terms_versions 005 published_at timestamp with time zone not null
terms_versions 006 actor text not null
tokens 001 id text not null
tokens 002 secret_hash bytea not null
tokens 003 client_id text not null
tokens 004 partner_id uuid not null
tokens 005 scopes text[] not null
tokens 006 purposes text[] not null
tokens 007 issued_at timestamp with time zone not null
tokens 008 expires_at timestamp with time zone not null
tokens 009 revoked_at timestamp with time zone
tokens 010 jkt text
tokens 011 x5t text
transfers 001 partner_id uuid not null
transfers 002 kind text not null
transfers 003 reference text not null
transfers 004 currency text not null
transfers 005 amount_minor bigint not null
transfers 006 on_day date not null
transfers 007 booked_at timestamp with time zone not null
transfers 008 created_at timestamp with time zone not null default now()
used_jtis 001 signer text not null
used_jtis 002 jti_hash bytea not null
used_jtis 003 expires_at timestamp with time zone not null
view_retirements 001 partner_id uuid not null
view_retirements 002 version integer not null
view_retirements 003 retires_at timestamp with time zone not null
view_retirements 004 decided_at timestamp with time zone not null
view_retirements 005 actor text not null
views 001 partner_id uuid not null
views 002 version integer not null
views 003 document jsonb not null
views 004 digest text not null
views 005 published_at timestamp with time zone not null
views 006 effective_at timestamp with time zone not null
views 007 actor text not null

-- constraints
agreed_adjustments agreed_adjustments_agreement_version_check CHECK ((agreement_version > 0))
agreed_adjustments agreed_adjustments_amount_minor_check CHECK ((amount_minor <> 0))
agreed_adjustments agreed_adjustments_key PRIMARY KEY (partner_id, claim_id)
agreed_adjustments agreed_adjustments_month_check CHECK ((month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'::text))
agreed_adjustments agreed_because_of_a_claim FOREIGN KEY (partner_id, claim_id, currency) REFERENCES claims(partner_id, claim_id, currency)
agreement_acceptances agreement_acceptances_accepted_at_check CHECK (isfinite(accepted_at))
agreement_acceptances agreement_acceptances_accepted_by_check CHECK (((length(accepted_by) >= 1) AND (length(accepted_by) <= 200)))
agreement_acceptances agreement_acceptances_evidence_check CHECK (((length(evidence) >= 1) AND (length(evidence) <= 1000)))
agreement_acceptances agreement_acceptances_partner_id_version_fkey FOREIGN KEY (partner_id, version) REFERENCES agreement_versions(partner_id, version)
agreement_acceptances agreement_acceptances_pkey PRIMARY KEY (partner_id, version, side)
agreement_acceptances agreement_acceptances_side_check CHECK ((side = ANY (ARRAY['operator'::text, 'partner'::text])))
agreement_offers agreement_offers_check CHECK ((decided_at >= offered_at))
agreement_offers agreement_offers_check1 CHECK ((((outcome = 'open'::text) = (decided_at IS NULL)) AND ((outcome = 'open'::text) = (decided_by IS NULL))))
agreement_offers agreement_offers_decided_by_check CHECK (((length(decided_by) >= 1) AND (length(decided_by) <= 200)))
agreement_offers agreement_offers_number_check CHECK ((number > 0))
agreement_offers agreement_offers_offered_at_check CHECK (isfinite(offered_at))
agreement_offers agreement_offers_offered_by_check CHECK (((length(offered_by) >= 1) AND (length(offered_by) <= 200)))
agreement_offers agreement_offers_outcome_check CHECK ((outcome = ANY (ARRAY['open'::text, 'accepted'::text, 'declined'::text, 'withdrawn'::text])))
agreement_offers agreement_offers_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
agreement_offers agreement_offers_pkey PRIMARY KEY (partner_id, number)
agreement_retirements agreement_retirements_check CHECK ((isfinite(ends_at) AND (ends_at >= said_at)))
agreement_retirements agreement_retirements_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
agreement_retirements agreement_retirements_partner_id_version_fkey FOREIGN KEY (partner_id, version) REFERENCES agreement_versions(partner_id, version)
agreement_retirements agreement_retirements_pkey PRIMARY KEY (partner_id, sequence)
agreement_retirements agreement_retirements_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 1000)))
agreement_retirements agreement_retirements_said_at_check CHECK (isfinite(said_at))
agreement_retirements agreement_retirements_said_by_check CHECK (((length(said_by) >= 1) AND (length(said_by) <= 200)))
agreement_retirements agreement_retirements_sequence_check CHECK ((sequence > 0))
agreement_retirements agreement_retirements_side_check CHECK ((side = ANY (ARRAY['operator'::text, 'partner'::text])))
agreement_versions agreement_versions_check CHECK (((valid_until IS NULL) OR (valid_until >= valid_from)))
agreement_versions agreement_versions_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
agreement_versions agreement_versions_pkey PRIMARY KEY (partner_id, version)
agreement_versions agreement_versions_published_at_check CHECK (isfinite(published_at))
agreement_versions agreement_versions_version_check CHECK ((version > 0))
approved_statements approved_is_closed FOREIGN KEY (partner_id, currency, number) REFERENCES closed_statements(partner_id, currency, number)
approved_statements approved_statements_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES staff(id)
approved_statements approved_statements_key PRIMARY KEY (partner_id, currency, number)
attribution_decisions attribution_decisions_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES staff(id)
attribution_decisions attribution_decisions_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
attribution_decisions attribution_decisions_pkey PRIMARY KEY (customer_id, attribution_id)
attribution_decisions attribution_decisions_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES staff(id)
attribution_decisions attribution_decisions_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
attribution_decisions decided_in_the_ledger CHECK (((partner_id IS NULL) = (relationship_id IS NULL)))
attribution_decisions decision_is_of_a_relationship FOREIGN KEY (customer_id, relationship_id) REFERENCES relationships(customer_id, relationship_id)
attribution_decisions decision_of_an_attribution FOREIGN KEY (customer_id, attribution_id) REFERENCES attributions(customer_id, attribution_id)
attribution_decisions second_person_decides CHECK ((proposed_by <> approved_by))
attributions attributed_in_the_ledger CHECK (((status = 'attributed'::text) = (relationship_id IS NOT NULL)))
attributions attributed_to_somebody CHECK (((status <> 'attributed'::text) OR (partner_id IS NOT NULL)))
attributions attribution_is_of_a_relationship FOREIGN KEY (customer_id, relationship_id) REFERENCES relationships(customer_id, relationship_id)
attributions attributions_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers(customer_id)
attributions attributions_evidence_check CHECK ((length((evidence)::text) <= 20000))
attributions attributions_findings_check CHECK (((cardinality(findings) >= 0) AND (cardinality(findings) <= 20)))
attributions attributions_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
attributions attributions_pkey PRIMARY KEY (customer_id, attribution_id)
attributions attributions_request_sha256_check CHECK ((length(request_sha256) = 32))
attributions attributions_rule_version_check CHECK ((rule_version > 0))
attributions attributions_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id)
attributions attributions_sign_up_id_check CHECK ((sign_up_id ~ '^[A-Za-z0-9._:-]{1,200}$'::text))
attributions attributions_status_check CHECK ((status = ANY (ARRAY['attributed'::text, 'held'::text, 'direct'::text, 'refused'::text])))
attributions attributions_told_by_check CHECK (((length(told_by) >= 1) AND (length(told_by) <= 200)))
attributions nobodys_is_nobodys CHECK (((status <> ALL (ARRAY['direct'::text, 'refused'::text])) OR (partner_id IS NULL)))
billing_modes billing_modes_actor_check CHECK (((length(actor) >= 1) AND (length(actor) <= 200)))
billing_modes billing_modes_evidence_check CHECK (((length(evidence) >= 1) AND (length(evidence) <= 1000)))
billing_modes billing_modes_from_day_check CHECK (isfinite(from_day))
billing_modes billing_modes_key PRIMARY KEY (customer_id, relationship_id, sequence)
billing_modes billing_modes_mode_check CHECK ((mode = ANY (ARRAY['direct'::text, 'consolidated'::text])))
billing_modes billing_modes_sequence_check CHECK ((sequence > 0))
billing_modes mode_of_a_relationship FOREIGN KEY (customer_id, relationship_id) REFERENCES relationships(customer_id, relationship_id)
budget_counts budget_counts_pkey PRIMARY KEY (key)
calendar_days calendar_days_country_check CHECK ((country ~ '^[A-Z]{2}$'::text))
calendar_days calendar_days_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
calendar_days calendar_days_pkey PRIMARY KEY (country, day)
choices choices_actor_check CHECK (((length(actor) >= 1) AND (length(actor) <= 200)))
choices choices_check CHECK ((at <= booked_at))
choices choices_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers(customer_id)
choices choices_evidence_check CHECK (((length(evidence) >= 1) AND (length(evidence) <= 1000)))
choices choices_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
choices choices_pkey PRIMARY KEY (customer_id, sequence)
choices choices_sequence_check CHECK ((sequence > 0))
choices choices_sharing_check CHECK ((sharing = ANY (ARRAY['refused'::text, 'allowed'::text])))
claim_decisions a_dispute_has_a_day CHECK (((decision = 'disputed'::text) = (due_on IS NOT NULL)))
claim_decisions claim_decisions_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES staff(id)
claim_decisions claim_decisions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES staff(id)
claim_decisions claim_decisions_decision_check CHECK ((decision = ANY (ARRAY['disputed'::text, 'accepted-ours'::text, 'accepted-theirs'::text])))
claim_decisions claim_decisions_key PRIMARY KEY (partner_id, claim_id, number)
claim_decisions claim_decisions_number_check CHECK ((number > 0))
claim_decisions claim_decisions_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
claim_decisions claim_decisions_tolerance_minor_check CHECK ((tolerance_minor >= 0))
claim_decisions decided_is_a_claim FOREIGN KEY (partner_id, claim_id) REFERENCES claims(partner_id, claim_id)
claim_decisions two_persons_are_two CHECK ((approved_by <> decided_by))
claims claim_has_one_currency UNIQUE (partner_id, claim_id, currency)
claims claim_hash_is_of_its_bytes CHECK (((content IS NULL) OR (sha256 = sha256(content))))
claims claims_brought_by_fkey FOREIGN KEY (brought_by) REFERENCES staff(id)
claims claims_check CHECK ((kept_until > received_at))
claims claims_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
claims claims_follow_each_other UNIQUE (partner_id, period, currency, number)
claims claims_key PRIMARY KEY (partner_id, claim_id)
claims claims_line_count_check CHECK ((line_count > 0))
claims claims_media_check CHECK ((media = ANY (ARRAY['application/json'::text, 'text/csv'::text])))
claims claims_number_check CHECK ((number > 0))
claims claims_period_check CHECK ((period ~ '^[0-9]{4}-((0[1-9]|1[0-2])(-[12])?|Q[1-4])$'::text))
claims claims_sha256_check CHECK ((length(sha256) = 32))
client_certificates client_certificates_check CHECK ((not_after > not_before))
client_certificates client_certificates_client_id_fkey FOREIGN KEY (client_id) REFERENCES clients(client_id)
client_certificates client_certificates_pkey PRIMARY KEY (client_id, thumbprint)
client_certificates client_certificates_thumbprint_check CHECK ((thumbprint ~ '^[A-Za-z0-9_-]{43}$'::text))
client_keys client_keys_client_id_fkey FOREIGN KEY (client_id) REFERENCES clients(client_id)
client_keys client_keys_jwk_check CHECK (((jsonb_typeof(jwk) = 'object'::text) AND (NOT (jwk ?| ARRAY['d'::text, 'p'::text, 'q'::text, 'k'::text]))))
client_keys client_keys_pkey PRIMARY KEY (client_id, thumbprint)
client_keys client_keys_thumbprint_check CHECK ((thumbprint ~ '^[A-Za-z0-9_-]{43}$'::text))
client_secrets client_secrets_client_id_fkey FOREIGN KEY (client_id) REFERENCES clients(client_id)
client_secrets client_secrets_pkey PRIMARY KEY (client_id, secret_hash)
client_secrets client_secrets_secret_hash_check CHECK ((length(secret_hash) = 32))
clients clients_auth_method_check CHECK ((auth_method = ANY (ARRAY['client_secret_basic'::text, 'private_key_jwt'::text, 'self_signed_tls_client_auth'::text])))
clients clients_check CHECK (((jwks_uri IS NULL) OR ((jwks_uri ~ '^https://'::text) AND (length(jwks_uri) <= 2000) AND (auth_method = 'private_key_jwt'::text))))
clients clients_client_id_check CHECK ((client_id ~ '^cli_[A-Za-z0-9_-]{22}$'::text))
clients clients_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
clients clients_networks_check CHECK ((((cardinality(networks) >= 1) AND (cardinality(networks) <= 32)) AND (array_position(networks, NULL::text) IS NULL)))
clients clients_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
clients clients_pkey PRIMARY KEY (client_id)
clients clients_status_check CHECK ((status = ANY (ARRAY['active'::text, 'revoked'::text])))
closed_lines claims_are_adjustments CHECK (((kind = 'claim'::text) = (NOT (adjustment IS DISTINCT FROM 'claim'::text))))
closed_lines closed_lines_adjustment_check CHECK ((adjustment = ANY (ARRAY['late'::text, 'changed'::text, 'withdrawn'::text, 'claim'::text])))
closed_lines closed_lines_direction_check CHECK ((direction = ANY (ARRAY['payable'::text, 'receivable'::text])))
closed_lines closed_lines_key PRIMARY KEY (partner_id, currency, number, line_id)
closed_pages closed_pages_first_line_check CHECK ((first_line >= 0))
closed_pages closed_pages_key PRIMARY KEY (partner_id, currency, number, first_line)
closed_statements a_period_is_closed_once UNIQUE (partner_id, currency, period)
closed_statements all_is_paid_or_nothing CHECK ((((payout_minor = 0) AND (forfeited_minor = 0)) OR (carried_minor = 0)))
closed_statements balance_goes_somewhere CHECK ((closing_minor = ((payout_minor + forfeited_minor) + carried_minor)))
closed_statements closed_statements_adjustment_count_check CHECK ((adjustment_count >= 0))
closed_statements closed_statements_check CHECK ((until_day > from_day))
closed_statements closed_statements_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES staff(id)
closed_statements closed_statements_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
closed_statements closed_statements_forfeited_minor_check CHECK ((forfeited_minor >= 0))
closed_statements closed_statements_key PRIMARY KEY (partner_id, currency, number)
closed_statements closed_statements_line_count_check CHECK ((line_count >= 0))
closed_statements closed_statements_number_check CHECK ((number > 0))
closed_statements closed_statements_payout_minor_check CHECK ((payout_minor >= 0))
closed_statements closed_statements_period_check CHECK ((period ~ '^[0-9]{4}-((0[1-9]|1[0-2])(-[12])?|Q[1-4])$'::text))
closed_statements hash_is_of_the_document CHECK ((sha256 = sha256(document)))
closed_statements only_lines_are_taxed CHECK (((tax_minor = 0) OR ((line_count + adjustment_count) > 0)))
closed_statements statement_adds_up CHECK ((closing_minor = ((((((opening_minor + accrued_minor) + reversed_minor) + adjusted_minor) + tax_minor) - collected_minor) + remitted_minor)))
collection_reports a_collection_is_taken_back_once UNIQUE (partner_id, takes_back)
collection_reports an_amount_but_of_a_failure CHECK (((amount_minor IS NULL) = ((status = 'failed'::text) AND (takes_back IS NULL))))
collection_reports collection_reports_amount_minor_check CHECK ((amount_minor > 0))
collection_reports collection_reports_at_check CHECK (isfinite(at))
collection_reports collection_reports_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
collection_reports collection_reports_key PRIMARY KEY (partner_id, reference)
collection_reports collection_reports_number_check CHECK ((number > 0))
collection_reports collection_reports_reason_check CHECK ((reason = ANY (ARRAY['declined'::text, 'returned'::text, 'uncollectible'::text, 'disputed'::text, 'other'::text, 'taken-back'::text])))
collection_reports collection_reports_reference_check CHECK (((length(reference) >= 1) AND (length(reference) <= 100)))
collection_reports collection_reports_status_check CHECK ((status = ANY (ARRAY['billed'::text, 'collected'::text, 'failed'::text])))
collection_reports only_a_failure_has_a_reason CHECK (((status = 'failed'::text) = (reason IS NOT NULL)))
collection_reports only_a_failure_takes_back CHECK (((takes_back IS NULL) OR (status = 'failed'::text)))
collection_reports reports_follow_each_other UNIQUE (partner_id, number)
collection_reports what_is_taken_back_was_reported FOREIGN KEY (partner_id, takes_back) REFERENCES collection_reports(partner_id, reference)
customers customers_pkey PRIMARY KEY (customer_id)
disclosure_entries disclosure_entries_index_check CHECK ((index >= 0))
disclosure_entries disclosure_entries_leaf_hash_check CHECK ((octet_length(leaf_hash) = 32))
disclosure_entries disclosure_entries_pkey PRIMARY KEY (recipient_id, entry_id)
disclosure_secrets disclosure_secrets_are_opened_one_way CHECK (((secret IS NULL) <> (salts IS NULL)))
disclosure_secrets disclosure_secrets_filters_check CHECK ((jsonb_typeof(filters) = 'object'::text))
disclosure_secrets disclosure_secrets_leaf_hashes_check CHECK (((octet_length(leaf_hashes) % 32) = 0))
disclosure_secrets disclosure_secrets_pkey PRIMARY KEY (recipient_id, index)
disclosure_secrets disclosure_secrets_salts_check CHECK (((salts IS NULL) OR (octet_length(salts) = (16 + (octet_length(leaf_hashes) / 2)))))
disclosure_secrets disclosure_secrets_secret_check CHECK ((octet_length(secret) = 32))
disclosure_subjects disclosure_subjects_pkey PRIMARY KEY (recipient_id, index)
fee_accruals fee_accruals_agreement_version_check CHECK ((agreement_version > 0))
fee_accruals fee_accruals_because_check CHECK ((because = ANY (ARRAY['currency-not-agreed'::text, 'refund-currency-differs'::text])))
fee_accruals fee_accruals_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
fee_accruals fee_accruals_fingerprint_check CHECK ((length(fingerprint) = 32))
fee_accruals fee_accruals_key PRIMARY KEY (partner_id, line_id)
fee_accruals fee_accruals_kind_check CHECK ((kind = ANY (ARRAY['accrual'::text, 'reversal'::text])))
fee_accruals fee_accruals_month_check CHECK ((month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'::text))
fee_accruals fee_accruals_rate_percent_check CHECK ((rate_percent ~ '^(0|[1-9][0-9]*)([.][0-9]{1,6})?$'::text))
fee_accruals fee_accruals_rounding_check CHECK ((rounding = ANY (ARRAY['half-even'::text, 'half-up'::text, 'down'::text])))
fee_accruals no_fee_with_a_reason CHECK (((because IS NULL) OR (fee_minor = 0)))
fee_accruals reversal_names_its_line CHECK (((kind = 'reversal'::text) = ((refund_id IS NOT NULL) AND (reverses_line_id IS NOT NULL))))
fee_computations fee_computations_pkey PRIMARY KEY (partner_id)
joint_closures joint_closures_pkey PRIMARY KEY (recipient_id, customer_id)
joint_records joint_records_kind_check CHECK ((kind = ANY (ARRAY['referral'::text, 'integration'::text])))
joint_records joint_records_pkey PRIMARY KEY (recipient_id, record_type, "position")
joint_records joint_records_recipient_id_kind_fkey FOREIGN KEY (recipient_id, kind) REFERENCES partners(id, kind)
joint_records joint_records_recipient_id_record_type_record_id_key UNIQUE (recipient_id, record_type, record_id)
joint_records joint_records_services_check CHECK ((cardinality(services) > 0))
joint_records no_business_for_referral_partners CHECK (((kind <> 'referral'::text) OR (business IS NULL)))
ledger_accounts clearing_has_a_floor CHECK (((account <> 'clearing'::text) OR (balance_minor <= 0)))
ledger_accounts collections_have_a_floor CHECK (((account <> 'collections'::text) OR (balance_minor <= 0)))
ledger_accounts ledger_accounts_account_check CHECK ((account = ANY (ARRAY['referral-expense'::text, 'partner-payable'::text, 'referral-income'::text, 'partner-receivable'::text, 'fee-tax'::text, 'collections'::text, 'remittances'::text, 'clearing'::text])))
ledger_accounts ledger_accounts_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
ledger_accounts ledger_accounts_key PRIMARY KEY (partner_id, currency, account)
ledger_accounts payable_has_a_floor CHECK (((account <> 'partner-payable'::text) OR (balance_minor <= 0)))
ledger_accounts receivable_has_a_floor CHECK (((account <> 'partner-receivable'::text) OR (balance_minor >= 0)))
ledger_accounts remittances_have_a_floor CHECK (((account <> 'remittances'::text) OR (balance_minor >= 0)))
ledger_entries a_reversal_names_its_entry FOREIGN KEY (partner_id, reverses_entry_id, currency) REFERENCES ledger_entries(partner_id, entry_id, currency)
ledger_entries a_source_posts_once UNIQUE (partner_id, currency, source)
ledger_entries an_entry_has_one_currency UNIQUE (partner_id, entry_id, currency)
ledger_entries an_entry_is_reversed_once UNIQUE (partner_id, reverses_entry_id, currency)
ledger_entries ledger_entries_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
ledger_entries ledger_entries_key PRIMARY KEY (partner_id, entry_id)
ledger_entries ledger_entries_source_check CHECK (((length(source) >= 1) AND (length(source) <= 200)))
ledger_lines a_line_is_of_an_entry FOREIGN KEY (partner_id, entry_id, currency) REFERENCES ledger_entries(partner_id, entry_id, currency)
ledger_lines ledger_lines_amount_minor_check CHECK ((amount_minor <> 0))
ledger_lines ledger_lines_key PRIMARY KEY (partner_id, entry_id, account)
log_archived_ids log_archived_ids_index_key UNIQUE (recipient_id, index)
log_archived_ids log_archived_ids_pkey PRIMARY KEY (recipient_id, entry_id)
log_cosignatures log_cosignatures_line_check CHECK (((line ~~ '— %'::text) AND (length(line) <= 1000)))
log_cosignatures log_cosignatures_pkey PRIMARY KEY (recipient_id, size, witness)
log_cosignatures log_cosignatures_size_check CHECK ((size > 0))
log_counters log_counters_numbered_check CHECK ((numbered >= 0))
log_counters log_counters_pkey PRIMARY KEY (recipient_id)
log_erased_leaves log_erased_leaves_pkey PRIMARY KEY (recipient_id, day, pseudonym)
log_erased_leaves log_erased_leaves_pseudonym_check CHECK ((octet_length(pseudonym) = 32))
log_exports log_exports_before_check CHECK ((EXTRACT(day FROM before) = (1)::numeric))
log_exports log_exports_bundles_check CHECK ((((from_index % (256)::bigint) = 0) AND ((past_index % (256)::bigint) = 0)))
log_exports log_exports_digest_check CHECK ((octet_length(digest) = 32))
log_exports log_exports_files_check CHECK ((files > 0))
log_exports log_exports_pkey PRIMARY KEY (recipient_id, from_index)
log_exports log_exports_range_check CHECK (((from_index >= 0) AND (past_index > from_index)))
log_heads log_heads_epoch_check CHECK ((epoch >= 0))
log_heads log_heads_frontier_check CHECK (((octet_length(frontier) % 32) = 0))
log_heads log_heads_pkey PRIMARY KEY (recipient_id)
log_heads log_heads_size_check CHECK ((size >= 0))
log_nodes log_nodes_hash_check CHECK ((octet_length(hash) = 32))
log_nodes log_nodes_index_check CHECK ((index >= 0))
log_nodes log_nodes_level_check CHECK (((level > 0) AND (((level)::integer % 8) = 0)))
log_nodes log_nodes_pkey PRIMARY KEY (recipient_id, level, index)
log_places log_places_beat_check CHECK ((beat >= 0))
log_places log_places_pkey PRIMARY KEY (recipient_id, beat)
log_places log_places_root_check CHECK ((octet_length(root) = 32))
log_places log_places_size_check CHECK ((size >= 0))
log_postings log_postings_bucket_check CHECK ((bucket > 0))
log_postings log_postings_pkey PRIMARY KEY (recipient_id, bucket, segment)
log_postings log_postings_segment_check CHECK ((segment >= 0))
log_renewals log_renewals_pkey PRIMARY KEY (recipient_id, origin)
log_renewals log_renewals_size_check CHECK ((size >= 0))
log_secrets log_secrets_pkey PRIMARY KEY (customer_id)
log_secrets log_secrets_secret_check CHECK ((octet_length(secret) = 32))
log_subjects log_subjects_number_check CHECK ((number > 0))
log_subjects log_subjects_number_key UNIQUE (recipient_id, number)
log_subjects log_subjects_pkey PRIMARY KEY (recipient_id, customer_id)
logged_statements logged_is_closed FOREIGN KEY (partner_id, currency, number) REFERENCES closed_statements(partner_id, currency, number)
logged_statements logged_statements_key PRIMARY KEY (partner_id, currency, number)
paid_statements paid_is_approved FOREIGN KEY (partner_id, currency, number) REFERENCES approved_statements(partner_id, currency, number)
paid_statements paid_is_posted FOREIGN KEY (partner_id, entry_id) REFERENCES ledger_entries(partner_id, entry_id)
paid_statements paid_statements_key PRIMARY KEY (partner_id, currency, number)
paid_statements paid_statements_paid_by_fkey FOREIGN KEY (paid_by) REFERENCES staff(id)
paid_statements paid_statements_reference_check CHECK (((length(reference) >= 1) AND (length(reference) <= 200)))
partner_budgets partner_budgets_calls_per_day_check CHECK (((calls_per_day >= 1) AND (calls_per_day <= 1000000000)))
partner_budgets partner_budgets_calls_per_month_check CHECK (((calls_per_month >= 1) AND (calls_per_month <= 1000000000)))
partner_budgets partner_budgets_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
partner_budgets partner_budgets_pkey PRIMARY KEY (id)
partner_budgets partner_budgets_records_per_day_check CHECK (((records_per_day >= 1) AND (records_per_day <= 1000000000)))
partner_budgets partner_budgets_records_per_month_check CHECK (((records_per_month >= 1) AND (records_per_month <= 1000000000)))
partner_budgets partner_budgets_set_by_check CHECK (((length(set_by) >= 1) AND (length(set_by) <= 200)))
partner_contacts partner_contacts_check CHECK ((until >= since))
partner_contacts partner_contacts_email_check CHECK (((length(email) >= 3) AND (length(email) <= 254)))
partner_contacts partner_contacts_matter_check CHECK ((matter = ANY (ARRAY['business'::text, 'privacy'::text, 'technical'::text, 'finance'::text])))
partner_contacts partner_contacts_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
partner_contacts partner_contacts_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
partner_contacts partner_contacts_pkey PRIMARY KEY (partner_id, matter, sequence)
partner_contacts partner_contacts_sequence_check CHECK ((sequence > 0))
partner_contacts partner_contacts_since_check CHECK (isfinite(since))
partner_events partner_events_actor_check CHECK (((length(actor) >= 1) AND (length(actor) <= 200)))
partner_events partner_events_booked_at_check CHECK (isfinite(booked_at))
partner_events partner_events_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
partner_events partner_events_pkey PRIMARY KEY (partner_id, sequence)
partner_events partner_events_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 1000)))
partner_events partner_events_sequence_check CHECK ((sequence > 0))
partner_events partner_events_status_check CHECK ((status = ANY (ARRAY['invited'::text, 'active'::text, 'suspended'::text, 'retired'::text])))
partners partners_id_kind_key UNIQUE (id, kind)
partners partners_key_check CHECK ((key ~ '^[a-z0-9][a-z0-9-]{0,62}$'::text))
partners partners_key_key UNIQUE (key)
partners partners_kind_check CHECK ((kind = ANY (ARRAY['referral'::text, 'integration'::text])))
partners partners_legal_form_check CHECK ((legal_form = ANY (ARRAY['company'::text, 'individual'::text])))
partners partners_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
partners partners_pkey PRIMARY KEY (id)
partners partners_status_check CHECK ((status = ANY (ARRAY['invited'::text, 'active'::text, 'suspended'::text, 'retired'::text])))
payees payees_account_check CHECK ((account ~ '^[0-9A-Z]{4,34}$'::text))
payees payees_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES staff(id)
payees payees_bic_check CHECK ((bic ~ '^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$'::text))
payees payees_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
payees payees_key PRIMARY KEY (partner_id, currency, version)
payees payees_name_check CHECK (((length(name) >= 1) AND (length(name) <= 70)))
payees payees_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES staff(id)
payees payees_version_check CHECK ((version > 0))
payees two_persons_name_an_account CHECK ((proposed_by <> approved_by))
payout_batches csv_is_what_was_written CHECK ((csv_sha256 = sha256(csv)))
payout_batches pain001_is_what_was_written CHECK ((((pain001 IS NULL) = (pain001_sha256 IS NULL)) AND ((pain001 IS NULL) OR (pain001_sha256 = sha256(pain001)))))
payout_batches payout_batches_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
payout_batches payout_batches_key PRIMARY KEY (number)
payout_batches payout_batches_made_by_fkey FOREIGN KEY (made_by) REFERENCES staff(id)
payout_batches payout_batches_number_check CHECK ((number > 0))
payout_batches payout_batches_statement_count_check CHECK ((statement_count > 0))
payout_batches payout_batches_total_minor_check CHECK ((total_minor > 0))
payout_items a_bank_tells_items_apart UNIQUE (partner_id, end_to_end_id)
payout_items item_has_its_payee FOREIGN KEY (partner_id, currency, payee_version) REFERENCES payees(partner_id, currency, version)
payout_items only_approved_is_paid_out FOREIGN KEY (partner_id, currency, number) REFERENCES approved_statements(partner_id, currency, number)
payout_items payout_items_amount_minor_check CHECK ((amount_minor > 0))
payout_items payout_items_batch_number_fkey FOREIGN KEY (batch_number) REFERENCES payout_batches(number)
payout_items payout_items_end_to_end_id_check CHECK (((length(end_to_end_id) >= 1) AND (length(end_to_end_id) <= 35)))
payout_items payout_items_key PRIMARY KEY (partner_id, batch_number, "position")
payout_items payout_items_position_check CHECK (("position" > 0))
payout_items payout_items_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 1000)))
payout_items payout_items_released_by_fkey FOREIGN KEY (released_by) REFERENCES staff(id)
payout_items released_by_a_person CHECK ((((released_at IS NULL) = (released_by IS NULL)) AND ((released_at IS NULL) = (reason IS NULL))))
policy_activations policy_activations_actor_check CHECK (((length(actor) >= 1) AND (length(actor) <= 200)))
policy_activations policy_activations_pkey PRIMARY KEY (version)
policy_activations policy_activations_version_fkey FOREIGN KEY (version) REFERENCES policy_versions(version)
policy_versions policy_versions_actor_check CHECK (((length(actor) >= 1) AND (length(actor) <= 200)))
policy_versions policy_versions_check CHECK (((document ->> 'version'::text) = version))
policy_versions policy_versions_country_check CHECK ((country ~ '^[A-Z]{2}$'::text))
policy_versions policy_versions_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text))
policy_versions policy_versions_notice_check CHECK (((notice ~ '\S'::text) AND (length(notice) <= 20000)))
policy_versions policy_versions_notice_days_check CHECK (((notice_days >= 10) AND (notice_days <= 365)))
policy_versions policy_versions_number_key UNIQUE (number)
policy_versions policy_versions_pkey PRIMARY KEY (version)
policy_versions policy_versions_response_directions_check CHECK (((response_directions ~ '\S'::text) AND (length(response_directions) <= 2000)))
policy_versions policy_versions_time_zone_check CHECK (((length(time_zone) >= 1) AND (length(time_zone) <= 100)))
policy_versions policy_versions_version_check CHECK ((version ~ '^[a-z0-9][a-z0-9.-]{0,39}$'::text))
processor_events applied_is_read CHECK (((state = 'applied'::text) = (facts IS NOT NULL)))
processor_events processor_events_event_id_check CHECK (((length(event_id) >= 1) AND (length(event_id) <= 255)))
processor_events processor_events_key PRIMARY KEY (processor, event_id)
processor_events processor_events_occurred_at_check CHECK (isfinite(occurred_at))
processor_events processor_events_processor_check CHECK ((processor = 'stripe'::text))
processor_events processor_events_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 200)))
processor_events processor_events_sha256_check CHECK ((length(sha256) = 32))
processor_events processor_events_state_check CHECK ((state = ANY (ARRAY['applied'::text, 'waiting'::text, 'kept'::text, 'rejected'::text])))
processor_events processor_events_type_check CHECK (((length(type) >= 1) AND (length(type) <= 255)))
processor_events what_is_not_applied_can_be CHECK (((state = 'applied'::text) = (skeleton IS NULL)))
promotions promotions_added_by_check CHECK (((length(added_by) >= 1) AND (length(added_by) <= 200)))
promotions promotions_check CHECK ((until_at >= from_at))
promotions promotions_code_check CHECK ((code ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'::text))
promotions promotions_code_key UNIQUE (code)
promotions promotions_ended_by_check CHECK (((length(ended_by) >= 1) AND (length(ended_by) <= 200)))
promotions promotions_landing_check CHECK (((landing ~ '^https://'::text) AND (length(landing) <= 2000)))
promotions promotions_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
promotions promotions_pkey PRIMARY KEY (id)
promotions promotions_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id)
proposals decided_as_a_whole CHECK ((((status = 'open'::text) = (decided_by IS NULL)) AND ((status = 'open'::text) = (decided_at IS NULL))))
proposals decided_in_time CHECK ((decided_at < expires_at))
proposals no_without_a_reason CHECK (((status = ANY (ARRAY['rejected'::text, 'withdrawn'::text])) = (reason IS NOT NULL)))
proposals proposals_about_check CHECK ((length((about)::text) <= 1000000))
proposals proposals_check CHECK ((expires_at > proposed_at))
proposals proposals_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES staff(id)
proposals proposals_diff_check CHECK ((length((diff)::text) <= 1000000))
proposals proposals_kind_check CHECK ((kind ~ '^[a-z][a-z-]{0,63}$'::text))
proposals proposals_pkey PRIMARY KEY (id)
proposals proposals_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES staff(id)
proposals proposals_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 1000)))
proposals proposals_status_check CHECK ((status = ANY (ARRAY['open'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text])))
proposals second_person CHECK (((status <> ALL (ARRAY['approved'::text, 'rejected'::text])) OR (decided_by <> proposed_by)))
proposals withdrawn_by_who_proposed CHECK (((status <> 'withdrawn'::text) OR (decided_by = proposed_by)))
records records_body_check CHECK ((jsonb_typeof(body) = 'object'::text))
records records_check CHECK ((valid_to > valid_from))
records records_check1 CHECK (((dated_at IS NULL) OR (dated_on IS NULL)))
records records_dated_at_check CHECK (isfinite(dated_at))
records records_dated_on_check CHECK (isfinite(dated_on))
records records_of_customer FOREIGN KEY (customer_id) REFERENCES customers(customer_id)
records records_of_service FOREIGN KEY (service_id) REFERENCES services(id)
records records_pkey PRIMARY KEY (customer_id, record_type, record_id, valid_from)
records records_source_key_check CHECK (((length(source_key) >= 1) AND (length(source_key) <= 200)))
records records_valid_from_check CHECK (isfinite(valid_from))
records records_valid_to_check CHECK (isfinite(valid_to))
relationship_events relationship_events_actor_check CHECK (((length(actor) >= 1) AND (length(actor) <= 200)))
relationship_events relationship_events_check CHECK (((at IS NOT NULL) OR (event = 'activated'::text)))
relationship_events relationship_events_customer_id_relationship_id_fkey FOREIGN KEY (customer_id, relationship_id) REFERENCES relationships(customer_id, relationship_id)
relationship_events relationship_events_event_check CHECK ((event = ANY (ARRAY['attributed'::text, 'activated'::text, 'connected'::text, 'disconnected'::text, 'suspended'::text, 'resumed'::text, 'opted-out'::text, 'opted-in'::text, 'sharing-refused'::text, 'sharing-allowed'::text, 'ended'::text])))
relationship_events relationship_events_evidence_check CHECK (((length(evidence) >= 1) AND (length(evidence) <= 1000)))
relationship_events relationship_events_pkey PRIMARY KEY (customer_id, relationship_id, sequence)
relationship_events relationship_events_sequence_check CHECK ((sequence > 0))
relationships relationships_check CHECK (((NOT is_active) OR ((activated_at IS NOT NULL) AND (ended_at IS NULL))))
relationships relationships_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers(customer_id)
relationships relationships_kind_check CHECK ((kind = ANY (ARRAY['referral'::text, 'integration'::text])))
relationships relationships_pkey PRIMARY KEY (customer_id, relationship_id)
services services_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200)))
services services_key_key UNIQUE (key)
services services_pkey PRIMARY KEY (id)
staff staff_id_check CHECK ((id ~ '^per_[A-Za-z0-9_-]{22}$'::text))
staff staff_key_hash_check CHECK ((length(key_hash) = 32))
staff staff_key_hash_key UNIQUE (key_hash)
staff staff_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
staff staff_pkey PRIMARY KEY (id)
staff staff_roles_check CHECK (((cardinality(roles) > 0) AND (roles <@ ARRAY['privacy'::text, 'partner'::text, 'finance'::text, 'admin'::text, 'intake'::text])))
staff staff_status_check CHECK ((status = ANY (ARRAY['active'::text, 'ended'::text])))
stated_transfers stated_is_booked FOREIGN KEY (partner_id, kind, reference, currency, amount_minor) REFERENCES transfers(partner_id, kind, reference, currency, amount_minor)
stated_transfers stated_transfers_key PRIMARY KEY (partner_id, kind, reference)
stated_transfers stated_transfers_number_check CHECK ((number > 0))
terms_acceptances terms_acceptances_accepted_at_check CHECK (isfinite(accepted_at))
terms_acceptances terms_acceptances_accepted_by_check CHECK (((length(accepted_by) >= 1) AND (length(accepted_by) <= 200)))
terms_acceptances terms_acceptances_actor_check CHECK (((length(actor) >= 1) AND (length(actor) <= 200)))
terms_acceptances terms_acceptances_evidence_check CHECK (((length(evidence) >= 1) AND (length(evidence) <= 1000)))
terms_acceptances terms_acceptances_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
terms_acceptances terms_acceptances_pkey PRIMARY KEY (partner_id, version)
terms_acceptances terms_acceptances_version_fkey FOREIGN KEY (version) REFERENCES terms_versions(version)
terms_versions terms_versions_actor_check CHECK (((length(actor) >= 1) AND (length(actor) <= 200)))
terms_versions terms_versions_check CHECK ((effective_at >= published_at))
terms_versions terms_versions_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text))
terms_versions terms_versions_document_check CHECK (((document ~ '\S'::text) AND (length(document) <= 200000)))
terms_versions terms_versions_effective_at_check CHECK (isfinite(effective_at))
terms_versions terms_versions_effective_at_key UNIQUE (effective_at)
terms_versions terms_versions_pkey PRIMARY KEY (version)
terms_versions terms_versions_published_at_check CHECK (isfinite(published_at))
terms_versions terms_versions_version_check CHECK ((version ~ '^[a-z0-9][a-z0-9.-]{0,39}$'::text))
tokens tokens_check CHECK ((expires_at > issued_at))
tokens tokens_client_id_fkey FOREIGN KEY (client_id) REFERENCES clients(client_id)
tokens tokens_id_check CHECK ((id ~ '^tok_[A-Za-z0-9_-]{22}$'::text))
tokens tokens_jkt_check CHECK ((jkt ~ '^[A-Za-z0-9_-]{43}$'::text))
tokens tokens_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
tokens tokens_pkey PRIMARY KEY (id)
tokens tokens_secret_hash_check CHECK ((length(secret_hash) = 32))
tokens tokens_secret_hash_key UNIQUE (secret_hash)
tokens tokens_x5t_check CHECK ((x5t ~ '^[A-Za-z0-9_-]{43}$'::text))
transfers a_remittance_is_above_nothing CHECK (((kind <> 'remitted'::text) OR (amount_minor > 0)))
transfers a_transfer_is_of_one_amount UNIQUE (partner_id, kind, reference, currency, amount_minor)
transfers transfers_amount_minor_check CHECK ((amount_minor <> 0))
transfers transfers_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
transfers transfers_key PRIMARY KEY (partner_id, kind, reference)
transfers transfers_kind_check CHECK ((kind = ANY (ARRAY['collected'::text, 'remitted'::text])))
transfers transfers_on_day_check CHECK (isfinite(on_day))
transfers transfers_reference_check CHECK (((length(reference) >= 1) AND (length(reference) <= 200)))
used_jtis used_jtis_jti_hash_check CHECK ((length(jti_hash) = 32))
used_jtis used_jtis_pkey PRIMARY KEY (signer, jti_hash)
used_jtis used_jtis_signer_check CHECK (((length(signer) >= 1) AND (length(signer) <= 100)))
view_retirements no_view_is_retired_for_the_past CHECK ((retires_at >= decided_at))
view_retirements view_retirements_actor_check CHECK (((actor <> ''::text) AND (length(actor) <= 200)))
view_retirements view_retirements_partner_id_version_fkey FOREIGN KEY (partner_id, version) REFERENCES views(partner_id, version)
view_retirements view_retirements_pkey PRIMARY KEY (partner_id, version, retires_at)
views views_begin_no_earlier_than_published CHECK ((effective_at >= published_at))
views views_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text))
views views_name_their_actor CHECK (((actor <> ''::text) AND (length(actor) <= 200)))
views views_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
views views_pkey PRIMARY KEY (partner_id, version)
views views_version_check CHECK ((version > 0))

-- indices
CREATE INDEX agreed_adjustments_claim ON public.agreed_adjustments USING btree (partner_id, claim_id, currency)
CREATE INDEX agreed_adjustments_of_statement ON public.agreed_adjustments USING btree (partner_id, currency)
CREATE INDEX agreement_retirements_version ON public.agreement_retirements USING btree (partner_id, version)
CREATE INDEX approved_statements_approved_by ON public.approved_statements USING btree (approved_by)
CREATE INDEX attribution_decisions_approved_by ON public.attribution_decisions USING btree (approved_by)
CREATE INDEX attribution_decisions_partner ON public.attribution_decisions USING btree (partner_id)
CREATE INDEX attribution_decisions_proposed_by ON public.attribution_decisions USING btree (proposed_by)
CREATE INDEX attribution_decisions_relationship ON public.attribution_decisions USING btree (customer_id, relationship_id)
CREATE INDEX attributions_id ON public.attributions USING btree (attribution_id)
CREATE INDEX attributions_of_status ON public.attributions USING btree (status, attribution_id)
CREATE INDEX attributions_partner ON public.attributions USING btree (partner_id)
CREATE INDEX attributions_relationship ON public.attributions USING btree (customer_id, relationship_id)
CREATE INDEX attributions_service ON public.attributions USING btree (service_id)
CREATE INDEX attributions_sign_up ON public.attributions USING btree (sign_up_id)
CREATE INDEX billing_modes_of_partner ON public.billing_modes USING btree (partner_id, customer_id)
CREATE INDEX budget_counts_expire ON public.budget_counts USING btree (expire)
CREATE INDEX choices_of_partner ON public.choices USING btree (partner_id, customer_id)
CREATE INDEX claim_decisions_approved_by ON public.claim_decisions USING btree (approved_by)
CREATE INDEX claim_decisions_decided_by ON public.claim_decisions USING btree (decided_by)
CREATE INDEX claims_brought_by ON public.claims USING btree (brought_by)
CREATE INDEX claims_to_forget ON public.claims USING btree (kept_until) WHERE (content IS NOT NULL)
CREATE INDEX clients_partner_id ON public.clients USING btree (partner_id)
CREATE INDEX closed_statements_closed_by ON public.closed_statements USING btree (closed_by)
CREATE INDEX collection_reports_of_customer ON public.collection_reports USING btree (customer_id)
CREATE INDEX collection_reports_of_invoice ON public.collection_reports USING btree (partner_id, invoice_id)
CREATE INDEX disclosure_secrets_narrowed ON public.disclosure_secrets USING btree (recipient_id, ((filters ->> 'customer'::text))) WHERE (filters IS NOT NULL)
CREATE INDEX fee_accruals_by_line ON public.fee_accruals USING btree (line_id)
CREATE INDEX fee_accruals_of_availability ON public.fee_accruals USING btree (partner_id, available_on, line_id)
CREATE INDEX fee_accruals_of_customer ON public.fee_accruals USING btree (partner_id, customer_id)
CREATE INDEX fee_accruals_of_payment ON public.fee_accruals USING btree (partner_id, payment_id)
CREATE INDEX fee_accruals_of_statement ON public.fee_accruals USING btree (partner_id, currency, available_on, line_id)
CREATE INDEX joint_closures_of_customer ON public.joint_closures USING btree (customer_id)
CREATE INDEX joint_records_of_customer ON public.joint_records USING btree (recipient_id, customer_id)
CREATE INDEX ledger_entries_by_time ON public.ledger_entries USING btree (partner_id, currency, booked_at)
CREATE INDEX ledger_lines_of_entry ON public.ledger_lines USING btree (partner_id, entry_id, currency)
CREATE INDEX paid_statements_entry ON public.paid_statements USING btree (partner_id, entry_id)
CREATE INDEX paid_statements_paid_by ON public.paid_statements USING btree (paid_by)
CREATE INDEX partner_budgets_partner ON public.partner_budgets USING btree (partner_id, id DESC)
CREATE INDEX payees_approved_by ON public.payees USING btree (approved_by)
CREATE INDEX payees_proposed_by ON public.payees USING btree (proposed_by)
CREATE INDEX payout_batches_made_by ON public.payout_batches USING btree (made_by)
CREATE INDEX payout_items_batch ON public.payout_items USING btree (batch_number, "position")
CREATE INDEX payout_items_of_statement ON public.payout_items USING btree (partner_id, currency, number)
CREATE INDEX payout_items_payee ON public.payout_items USING btree (partner_id, currency, payee_version)
CREATE INDEX payout_items_released_by ON public.payout_items USING btree (released_by)
CREATE INDEX processor_events_by_state ON public.processor_events USING btree (state, received_at)
CREATE INDEX processor_events_by_time ON public.processor_events USING btree (received_at, event_id)
CREATE INDEX processor_events_links ON public.processor_events USING gin (links)
CREATE INDEX promotions_partner ON public.promotions USING btree (partner_id, code)
CREATE INDEX promotions_service ON public.promotions USING btree (service_id)
CREATE INDEX proposals_decided_by ON public.proposals USING btree (decided_by)
CREATE INDEX proposals_of_status ON public.proposals USING btree (status, id)
CREATE INDEX proposals_proposed_by ON public.proposals USING btree (proposed_by)
CREATE INDEX records_current_by_id ON public.records USING btree (record_id) WHERE (valid_to IS NULL)
CREATE INDEX records_of_service ON public.records USING btree (service_id, customer_id)
CREATE INDEX relationships_by_reference ON public.relationships USING btree (partner_id, reference) WHERE (reference IS NOT NULL)
CREATE INDEX relationships_of_partner ON public.relationships USING btree (partner_id, customer_id)
CREATE INDEX stated_transfers_booked ON public.stated_transfers USING btree (partner_id, kind, reference, currency, amount_minor)
CREATE INDEX stated_transfers_of_statement ON public.stated_transfers USING btree (partner_id, currency, number)
CREATE INDEX terms_acceptances_version ON public.terms_acceptances USING btree (version)
CREATE INDEX tokens_client_id ON public.tokens USING btree (client_id)
CREATE INDEX tokens_partner_id ON public.tokens USING btree (partner_id)
CREATE INDEX transfers_of_statement ON public.transfers USING btree (partner_id, currency, on_day)
CREATE INDEX used_jtis_expires_at ON public.used_jtis USING btree (expires_at)
CREATE UNIQUE INDEX a_claim_is_accepted_once ON public.claim_decisions USING btree (partner_id, claim_id) WHERE (decision <> 'disputed'::text)
CREATE UNIQUE INDEX a_statement_is_in_one_batch ON public.payout_items USING btree (partner_id, currency, number) WHERE (released_at IS NULL)
CREATE UNIQUE INDEX agreement_offers_open ON public.agreement_offers USING btree (partner_id) WHERE (outcome = 'open'::text)
CREATE UNIQUE INDEX one_attribution_per_sign_up ON public.attributions USING btree (customer_id, service_id, COALESCE(sign_up_id, ''::text)) WHERE (request_sha256 IS NOT NULL)
CREATE UNIQUE INDEX one_referral_per_service ON public.relationships USING btree (customer_id, service_id) WHERE ((kind = 'referral'::text) AND (ended_at IS NULL))
CREATE UNIQUE INDEX one_relationship_per_partner ON public.relationships USING btree (customer_id, partner_id, service_id) WHERE (ended_at IS NULL)
CREATE UNIQUE INDEX partner_contacts_now ON public.partner_contacts USING btree (partner_id, matter) WHERE (until IS NULL)
CREATE UNIQUE INDEX records_current ON public.records USING btree (customer_id, record_type, record_id) WHERE (valid_to IS NULL)
CREATE UNIQUE INDEX staff_name ON public.staff USING btree (lower(name)) WHERE (status = 'active'::text)

-- triggers
CREATE CONSTRAINT TRIGGER agreement_versions_are_agreed AFTER INSERT ON public.agreement_versions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_one_sided()
CREATE TRIGGER agreement_acceptances_are_not_emptied BEFORE TRUNCATE ON public.agreement_acceptances FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER agreement_acceptances_stay BEFORE DELETE OR UPDATE ON public.agreement_acceptances FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER agreement_offers_decided_once BEFORE UPDATE ON public.agreement_offers FOR EACH ROW EXECUTE FUNCTION refuse_second_outcome()
CREATE TRIGGER agreement_retirements_are_not_emptied BEFORE TRUNCATE ON public.agreement_retirements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER agreement_retirements_stay BEFORE DELETE OR UPDATE ON public.agreement_retirements FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER agreement_versions_end_once BEFORE UPDATE ON public.agreement_versions FOR EACH ROW EXECUTE FUNCTION end_agreement_once()
CREATE TRIGGER budget_counts_soon BEFORE INSERT OR DELETE OR UPDATE ON public.budget_counts FOR EACH STATEMENT EXECUTE FUNCTION count_soon()
CREATE TRIGGER choices_are_not_emptied BEFORE TRUNCATE ON public.choices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER choices_stay BEFORE DELETE OR UPDATE ON public.choices FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER claims_stay BEFORE DELETE OR UPDATE ON public.claims FOR EACH ROW EXECUTE FUNCTION keep_claim()
CREATE TRIGGER closed_is_closed AFTER INSERT ON public.closed_lines REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_line_of_closed()
CREATE TRIGGER closed_is_closed AFTER INSERT ON public.closed_pages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_line_of_closed()
CREATE TRIGGER closed_is_closed AFTER INSERT ON public.stated_transfers REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_line_of_closed()
CREATE TRIGGER customers_stay BEFORE UPDATE ON public.customers FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER entries_have_lines AFTER INSERT ON public.ledger_entries REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION refuse_bare_entry()
CREATE TRIGGER lines_are_posted AFTER INSERT ON public.ledger_lines REFERENCING NEW TABLE AS posted FOR EACH STATEMENT EXECUTE FUNCTION post_ledger_lines()
CREATE TRIGGER only_held_is_decided BEFORE INSERT ON public.attribution_decisions FOR EACH ROW EXECUTE FUNCTION refuse_decision_of_unheld()
CREATE TRIGGER partner_events_are_not_emptied BEFORE TRUNCATE ON public.partner_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER partner_events_stay BEFORE DELETE OR UPDATE ON public.partner_events FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER partners_move BEFORE UPDATE OF status ON public.partners FOR EACH ROW EXECUTE FUNCTION refuse_partner_move()
CREATE TRIGGER payout_items_are_kept BEFORE INSERT OR UPDATE ON public.payout_items FOR EACH ROW EXECUTE FUNCTION keep_payout_items()
CREATE TRIGGER promotions_only_end BEFORE UPDATE ON public.promotions FOR EACH ROW EXECUTE FUNCTION keep_promotion()
CREATE TRIGGER proposals_are_decided_once BEFORE INSERT OR UPDATE ON public.proposals FOR EACH ROW EXECUTE FUNCTION keep_proposal()
CREATE TRIGGER proposals_are_not_emptied BEFORE TRUNCATE ON public.proposals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER proposals_stay BEFORE DELETE ON public.proposals FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER published BEFORE INSERT ON public.policy_versions FOR EACH ROW EXECUTE FUNCTION policy_version_is_published()
CREATE TRIGGER raises_epochs AFTER INSERT ON public.policy_activations FOR EACH STATEMENT EXECUTE FUNCTION policy_change_raises_epochs()
CREATE TRIGGER records_close_once BEFORE UPDATE ON public.records FOR EACH ROW EXECUTE FUNCTION close_version_once()
CREATE TRIGGER refuse_change BEFORE DELETE ON public.payout_items FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.agreed_adjustments FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.approved_statements FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.attribution_decisions FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.attributions FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.billing_modes FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.calendar_days FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.claim_decisions FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.closed_lines FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.closed_pages FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.closed_statements FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.collection_reports FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.disclosure_entries FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.ledger_entries FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.ledger_lines FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.log_archived_ids FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.log_cosignatures FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.log_erased_leaves FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.log_exports FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.log_nodes FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.log_places FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.log_renewals FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.logged_statements FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.paid_statements FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.payees FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.payout_batches FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.policy_activations FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.policy_versions FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.stated_transfers FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON public.transfers FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.log_subjects FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_delete BEFORE DELETE ON public.log_heads FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_delete BEFORE DELETE ON public.log_subjects FOR EACH ROW WHEN ((current_setting('sluice.erased'::text, true) IS DISTINCT FROM ((old.recipient_id || '/'::text) || old.number))) EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_rollback BEFORE UPDATE ON public.log_heads FOR EACH ROW EXECUTE FUNCTION refuse_log_rollback()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.agreed_adjustments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.approved_statements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.attribution_decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.attributions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.billing_modes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.calendar_days FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.claim_decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.claims FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.closed_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.closed_pages FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.closed_statements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.collection_reports FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.disclosure_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.ledger_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_archived_ids FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_cosignatures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_erased_leaves FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_exports FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_heads FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_nodes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_places FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_renewals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_subjects FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.logged_statements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.paid_statements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.payees FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.payout_batches FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.payout_items FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.policy_activations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.policy_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.stated_transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER relationship_events_are_not_emptied BEFORE TRUNCATE ON public.relationship_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER relationship_events_stay BEFORE DELETE OR UPDATE ON public.relationship_events FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER second_person_approves BEFORE INSERT ON public.approved_statements FOR EACH ROW EXECUTE FUNCTION keep_second_person()
CREATE TRIGGER statements_follow BEFORE INSERT ON public.closed_statements FOR EACH ROW EXECUTE FUNCTION keep_statement_chain()
CREATE TRIGGER takes_effect BEFORE INSERT ON public.policy_activations FOR EACH ROW EXECUTE FUNCTION policy_version_takes_effect()
CREATE TRIGGER terms_acceptances_are_not_emptied BEFORE TRUNCATE ON public.terms_acceptances FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER terms_acceptances_stay BEFORE DELETE OR UPDATE ON public.terms_acceptances FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER terms_versions_are_not_emptied BEFORE TRUNCATE ON public.terms_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER terms_versions_stay BEFORE DELETE OR UPDATE ON public.terms_versions FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER transfers_add_up BEFORE INSERT ON public.closed_statements FOR EACH ROW EXECUTE FUNCTION keep_statement_transfers()
CREATE TRIGGER view_retirements_are_not_emptied BEFORE TRUNCATE ON public.view_retirements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER view_retirements_stay BEFORE DELETE OR UPDATE ON public.view_retirements FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER views_are_not_emptied BEFORE TRUNCATE ON public.views FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER views_stay BEFORE DELETE OR UPDATE ON public.views FOR EACH ROW EXECUTE FUNCTION refuse_change()

-- policies
joint_closures app_keeps_them_right for * to sluice_app using true check true
joint_closures reader_sees_its_recipient for r to sluice_reader using (recipient_id = (NULLIF(current_setting('app.recipient'::text, true), ''::text))::uuid) check -
joint_records app_keeps_them_right for * to sluice_app using true check true
joint_records reader_sees_its_recipient for r to sluice_reader using ((recipient_id = (NULLIF(current_setting('app.recipient'::text, true), ''::text))::uuid) AND (subject_number <> ALL (ARRAY( SELECT joint_closures.subject_number
   FROM joint_closures
  WHERE (joint_closures.recipient_id = (NULLIF(current_setting('app.recipient'::text, true), ''::text))::uuid))))) check -
log_heads log_heads_of_the_app for * to sluice_app using true check true
log_heads log_heads_of_the_reader for r to sluice_reader using (recipient_id = (NULLIF(current_setting('app.recipient'::text, true), ''::text))::uuid) check -

-- views


-- types


-- functions
CREATE OR REPLACE FUNCTION public.close_version_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.valid_to is not null
     or (old.customer_id, old.record_type, old.record_id, old.source_key, old.service_id, old.dated_at,
         old.dated_on, old.body, old.valid_from)
        is distinct from
        (new.customer_id, new.record_type, new.record_id, new.source_key, new.service_id, new.dated_at,
         new.dated_on, new.body, new.valid_from) then
    raise exception 'append-only: a version of a record is closed once and not changed'
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.count_soon()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform set_config('synchronous_commit', 'off', true);
  return null;
end $function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.detach_log_entries(before date)
 RETURNS TABLE(detached bigint, kept bigint)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '10s'
AS $function$
declare
  past constant text := 'disclosure_entries_past';
  fresh constant text := 'disclosure_entries_next';
  bound uuid := public.log_month_floor(before);
  old text[];
  part text;
begin
  perform public.make_log_partitions();
  perform pg_advisory_xact_lock(7713);
  if before <> date_trunc('month', before) or before > (now() at time zone 'UTC')::date then
    raise exception 'detaching: % is not the first day of a month that has begun', before
      using errcode = 'invalid_parameter_value';
  end if;
  if before < (select min(m) from public.log_months() m) then
    -- All that is as old is in the past already.
    detached := 0;
    kept := 0;
    return next;
    return;
  end if;
  if exists (
    select from public.log_exports x join public.log_heads h on h.recipient_id = x.recipient_id
    group by h.recipient_id, h.size
    having sum(x.past_index - x.from_index) <> max(x.past_index) or max(x.past_index) >= h.size
      or max(x.past_index) / 256 <> (select count(*) from public.log_nodes n where n.recipient_id = h.recipient_id
        and n.level = 8 and n.index < max(x.past_index) / 256)
  ) then
    raise exception 'detaching: the recorded exports are not the beginning of a log'
      using errcode = 'invalid_parameter_value';
  end if;
  old := array(select 'disclosure_entries_' || to_char(m, 'YYYY_MM') from public.log_months() m where m < before) || past;
  foreach part in array old loop
    execute format('lock table public.%I in share mode', part);
  end loop;
  insert into public.log_archived_ids (recipient_id, entry_id, index)
    select e.recipient_id, e.entry_id, e.index from public.disclosure_entries e
    where e.entry_id < bound and e.index < (
      select max(x.past_index) from public.log_exports x where x.recipient_id = e.recipient_id);
  get diagnostics detached = row_count;
  perform public.make_log_table(fresh);
  execute format('insert into public.%I select e.* from public.disclosure_entries e
    where e.entry_id < %L and e.index >= coalesce((
      select max(x.past_index) from public.log_exports x where x.recipient_id = e.recipient_id), 0)', fresh, bound);
  get diagnostics kept = row_count;
  foreach part in array old loop
    execute format('alter table public.disclosure_entries detach partition public.%I', part);
    execute format('drop table public.%I', part);
  end loop;
  execute format('alter table public.%I rename to %I', fresh, past);
  execute format('alter table public.%I rename constraint %I to %I', past, fresh || '_pkey', past || '_pkey');
  execute format('alter table public.%I rename constraint %I to %I', past, fresh || '_index_key', past || '_index_key');
  execute format('alter table public.disclosure_entries attach partition public.%I for values from (minvalue) to (%L)',
    past, bound);
  return next;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.end_agreement_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.valid_until is not null and new.valid_until is distinct from old.valid_until then
    raise exception 'append-only: the end of an agreement version is said once'
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.erase_log_secret(customer uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  delete from public.log_secrets where log_secrets.customer_id = customer
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.erase_subject_from_entry(recipient uuid, entry_index bigint, left_numbers bytea, erased_places bytea, left_salts bytea)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  update public.disclosure_subjects set numbers = left_numbers, erased = erased_places
    where disclosure_subjects.recipient_id = recipient and disclosure_subjects.index = entry_index
      and octet_length(left_numbers) <= octet_length(disclosure_subjects.numbers) + 10
      and octet_length(erased_places) > coalesce(octet_length(disclosure_subjects.erased), 0);
  if not found then
    raise exception 'erasing: entry % has nothing like that', entry_index using errcode = 'insufficient_privilege';
  end if;
  update public.disclosure_secrets set secret = null, salts = left_salts
    where disclosure_secrets.recipient_id = recipient and disclosure_secrets.index = entry_index;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.erase_subject_from_log(recipient uuid, customer uuid, customer_pairwise text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  known bigint;
begin
  select log_subjects.number into strict known from public.log_subjects
    where log_subjects.recipient_id = recipient and log_subjects.customer_id = customer;
  perform set_config('sluice.erased', recipient || '/' || known, true);
  delete from public.log_subjects
    where log_subjects.recipient_id = recipient and log_subjects.customer_id = customer;
  perform set_config('sluice.erased', '', true);
  -- The page was narrowed to the customer, whatever it held.
  update public.disclosure_secrets set filters = disclosure_secrets.filters - 'customer'
    where disclosure_secrets.recipient_id = recipient
      and disclosure_secrets.filters is not null
      and disclosure_secrets.filters ->> 'customer' = customer_pairwise;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.keep_claim()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if tg_op = 'DELETE' or new.content is not null
     or (to_jsonb(new) - 'content') <> (to_jsonb(old) - 'content') then
    raise exception 'claims: a claim stays as it came' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.keep_payout_items()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if tg_op = 'UPDATE' then
    if old.released_at is not null
       or to_jsonb(new) - array['released_at', 'released_by', 'reason']
          <> to_jsonb(old) - array['released_at', 'released_by', 'reason'] then
      raise exception 'payouts: of an item nothing changes but its release, once'
        using errcode = 'insufficient_privilege';
    end if;
  elsif not exists (
    select 1 from public.closed_statements
      join public.payout_batches on payout_batches.number = new.batch_number
        and payout_batches.currency = new.currency
    where closed_statements.partner_id = new.partner_id and closed_statements.currency = new.currency
      and closed_statements.number = new.number and closed_statements.payout_minor = new.amount_minor
  ) then
    raise exception 'payouts: a statement is paid out at the amount that it closed with'
      using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from public.paid_statements
    where paid_statements.partner_id = new.partner_id and paid_statements.currency = new.currency
      and paid_statements.number = new.number
  ) then
    raise exception 'payouts: what is paid goes into no batch and out of none'
      using errcode = 'check_violation';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.keep_promotion()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if (new.id, new.partner_id, new.code, new.service_id, new.landing, new.from_at, new.added_by, new.created_at)
     is distinct from
     (old.id, old.partner_id, old.code, old.service_id, old.landing, old.from_at, old.added_by, old.created_at)
     or new.until_at is null or new.until_at > old.until_at then
    raise exception 'a promotion only ends' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.keep_proposal()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' then
      raise exception 'a proposal begins open' using errcode = 'insufficient_privilege';
    end if;
    return new;
  end if;
  if old.status <> 'open' or new.status = 'open' then
    raise exception 'a proposal is decided once' using errcode = 'insufficient_privilege';
  end if;
  if (new.id, new.kind, new.about, new.diff::text, new.proposed_by, new.proposed_at, new.expires_at)
     is distinct from
     (old.id, old.kind, old.about, old.diff::text, old.proposed_by, old.proposed_at, old.expires_at) then
    raise exception 'what was proposed never changes' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.keep_second_person()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if exists (
    select 1 from public.closed_statements
    where closed_statements.partner_id = new.partner_id and closed_statements.currency = new.currency
      and closed_statements.number = new.number and closed_statements.closed_by = new.approved_by
  ) then
    raise exception 'statements: a second person approves' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.keep_statement_chain()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  last record;
  stated record;
begin
  select closed_statements.number, closed_statements.until_day, closed_statements.carried_minor
    into last from public.closed_statements
    where closed_statements.partner_id = new.partner_id and closed_statements.currency = new.currency
    order by closed_statements.number desc limit 1;
  if new.number <> coalesce(last.number, 0) + 1 or new.from_day < last.until_day
     or new.opening_minor <> coalesce(last.carried_minor, 0) then
    raise exception 'statements: each follows the one before' using errcode = 'check_violation';
  end if;
  select coalesce(sum(closed_lines.amount_minor) filter (where adjustment is null), 0) as lines,
      coalesce(sum(closed_lines.amount_minor) filter (where adjustment is not null), 0) as adjusted,
      count(*) filter (where adjustment is null) as line_count,
      count(*) filter (where adjustment is not null) as adjustment_count
    into stated from public.closed_lines
    where closed_lines.partner_id = new.partner_id and closed_lines.currency = new.currency
      and closed_lines.number = new.number;
  if new.accrued_minor + new.reversed_minor <> stated.lines or new.adjusted_minor <> stated.adjusted
     or new.line_count <> stated.line_count or new.adjustment_count <> stated.adjustment_count then
    raise exception 'statements: it states what its lines add up to' using errcode = 'check_violation';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.keep_statement_transfers()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  stated record;
begin
  select coalesce(sum(stated_transfers.amount_minor) filter (where kind = 'collected'), 0) as collected,
      coalesce(sum(stated_transfers.amount_minor) filter (where kind = 'remitted'), 0) as remitted
    into stated from public.stated_transfers
    where stated_transfers.partner_id = new.partner_id
      and stated_transfers.currency = new.currency and stated_transfers.number = new.number;
  if new.collected_minor <> stated.collected or new.remitted_minor <> stated.remitted then
    raise exception 'statements: it states what its transfers add up to' using errcode = 'check_violation';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.lock_policy()
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select pg_advisory_xact_lock(7712)
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.log_epoch(recipient uuid)
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$
  select log_heads.epoch from log_heads where log_heads.recipient_id = recipient
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.log_month_floor(month date)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select (lpad(to_hex(extract(epoch from month)::bigint * 1000), 12, '0') || repeat('0', 20))::uuid
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.log_months()
 RETURNS SETOF date
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select to_date(right(c.relname, 7), 'YYYY_MM') from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'public.disclosure_entries'::regclass and c.relname ~ '_[0-9]{4}_[0-9]{2}$'
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.make_log_month(month date)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  name text := 'disclosure_entries_' || to_char(month, 'YYYY_MM');
  low uuid := public.log_month_floor(month);
  high uuid := public.log_month_floor((month + interval '1 month')::date);
begin
  perform public.make_log_table(name);
  -- What came while the month had no partition moves into it.
  if exists (select from public.disclosure_entries_unplaced e where e.entry_id >= low and e.entry_id < high) then
    alter table public.disclosure_entries_unplaced disable trigger refuse_change;
    execute format('with moved as (
        delete from public.disclosure_entries_unplaced e where e.entry_id >= %L and e.entry_id < %L returning e.*
      ) insert into public.%I select moved.* from moved', low, high, name);
    alter table public.disclosure_entries_unplaced enable trigger refuse_change;
  end if;
  execute format('alter table public.disclosure_entries attach partition public.%I for values from (%L) to (%L)',
    name, low, high);
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.make_log_partitions()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '3s'
AS $function$
declare
  last date := date_trunc('month', now() at time zone 'UTC') + interval '3 months';
  made integer := 0;
  month date;
begin
  if (select max(m) from public.log_months() m) >= last then
    return 0;
  end if;
  perform pg_advisory_xact_lock(7713);
  for month in
    select generate_series((select max(m) from public.log_months() m) + interval '1 month', last, '1 month')
  loop
    perform public.make_log_month(month);
    made := made + 1;
  end loop;
  return made;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.make_log_table(name text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  execute format('create table public.%I (like public.disclosure_entries including defaults including constraints,
    constraint %I primary key (recipient_id, entry_id), constraint %I unique (recipient_id, index))',
    name, name || '_pkey', name || '_index_key');
  execute format('create trigger refuse_truncate before truncate on public.%I
    for each statement execute function public.refuse_change()', name);
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.notice_days_run(country text, time_zone text, published_at timestamp with time zone, at timestamp with time zone)
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select case
    when count(known.day) = greatest(span.until - span.since - 1, 0)
      then (count(known.day) filter (where known.is_working))::integer
  end
  from (select (published_at at time zone time_zone)::date as since,
               (at at time zone time_zone)::date as until) as span
  left join public.calendar_days as known
    on known.country = notice_days_run.country and known.day > span.since and known.day < span.until
  group by span.since, span.until
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.policy_change_raises_epochs()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  lock table public.log_heads in share row exclusive mode;
  update public.log_heads set epoch = log_heads.epoch + 1;
  return null;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.policy_version_is_published()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform public.lock_policy();
  new.published_at := clock_timestamp();
  if not exists (select from pg_timezone_names where lower(name) = lower(new.time_zone)) then
    raise exception 'policy: the database does not know the time zone' using errcode = 'SL034';
  end if;
  if not exists (
    select from public.calendar_days
     where calendar_days.country = new.country
       and calendar_days.day = (new.published_at at time zone new.time_zone)::date
  ) then
    raise exception 'policy: the calendar does not have the country' using errcode = 'SL032';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.policy_version_takes_effect()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  announced public.policy_versions;
  passed integer;
begin
  perform public.lock_policy();
  new.effective_at := clock_timestamp();
  select * into announced from public.policy_versions where policy_versions.version = new.version;
  if not found then
    raise exception 'policy: there is no such version' using errcode = 'foreign_key_violation';
  end if;
  if not exists (select from public.policy_activations) then
    if current_user = (select pg_get_userbyid(relowner) from pg_class where oid = tg_relid) then
      return new;
    end if;
    raise exception 'policy: the first version is installed, not activated' using errcode = 'SL033';
  end if;
  if exists (
    select from public.policy_activations
      join public.policy_versions on policy_versions.version = policy_activations.version
     where policy_versions.number > announced.number
  ) then
    raise exception 'policy: a later version is in force' using errcode = 'SL033';
  end if;
  passed := public.notice_days_run(
    announced.country, announced.time_zone, announced.published_at, new.effective_at);
  if passed is null then
    raise exception 'policy: the calendar does not cover the notice' using errcode = 'SL032';
  end if;
  if passed < announced.notice_days then
    raise exception 'policy: the notice runs, % of % working days have passed', passed, announced.notice_days
      using errcode = 'SL031';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.post_ledger_lines()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if exists (
    select 1 from posted group by posted.partner_id, posted.entry_id
    having sum(posted.amount_minor) <> 0 or count(*) < 2
  ) then
    raise exception 'ledger: the lines of an entry add up to nothing' using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from posted
      join public.ledger_lines on ledger_lines.partner_id = posted.partner_id
        and ledger_lines.entry_id = posted.entry_id
    group by posted.partner_id, posted.entry_id
    having count(distinct ledger_lines.account) <> count(distinct posted.account)
  ) then
    raise exception 'ledger: all lines of an entry are posted at once' using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from (select distinct posted.partner_id, posted.entry_id from posted) as fresh
      join public.ledger_entries on ledger_entries.partner_id = fresh.partner_id
        and ledger_entries.entry_id = fresh.entry_id
      join public.ledger_lines on ledger_lines.partner_id = fresh.partner_id
        and ledger_lines.entry_id in (ledger_entries.entry_id, ledger_entries.reverses_entry_id)
    where ledger_entries.reverses_entry_id is not null
    group by fresh.partner_id, fresh.entry_id, ledger_lines.account
    having sum(ledger_lines.amount_minor) <> 0
  ) then
    raise exception 'ledger: a reversal takes back what its entry posted' using errcode = 'check_violation';
  end if;
  insert into public.ledger_accounts (partner_id, currency, account)
    select distinct posted.partner_id, posted.currency, posted.account from posted
    order by posted.partner_id, posted.currency, posted.account
    on conflict on constraint ledger_accounts_key do nothing;
  -- In one order, so that two postings never wait for each other.
  perform 1 from public.ledger_accounts
    where (ledger_accounts.partner_id, ledger_accounts.currency, ledger_accounts.account)
      in (select posted.partner_id, posted.currency, posted.account from posted)
    order by ledger_accounts.partner_id, ledger_accounts.currency, ledger_accounts.account
    for update;
  update public.ledger_accounts set balance_minor = ledger_accounts.balance_minor + moved.minor
    from (
      select posted.partner_id, posted.currency, posted.account, sum(posted.amount_minor) as minor
      from posted group by posted.partner_id, posted.currency, posted.account
    ) as moved
    where ledger_accounts.partner_id = moved.partner_id
      and ledger_accounts.currency = moved.currency and ledger_accounts.account = moved.account;
  return null;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.refuse_bare_entry()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if exists (
    select 1 from fresh where not exists (
      select 1 from public.ledger_lines
      where ledger_lines.partner_id = fresh.partner_id and ledger_lines.entry_id = fresh.entry_id
    )
  ) then
    raise exception 'ledger: an entry comes with its lines' using errcode = 'check_violation';
  end if;
  return null;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'append-only: % on % is refused', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.refuse_decision_of_unheld()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if not exists (
    select 1 from public.attributions
    where attributions.customer_id = new.customer_id
      and attributions.attribution_id = new.attribution_id and attributions.status = 'held'
  ) then
    raise exception 'attribution: only what is held is decided' using errcode = 'check_violation';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.refuse_line_of_closed()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if exists (
    select 1 from (select distinct partner_id, currency, number from added) as added
      join public.closed_statements on closed_statements.partner_id = added.partner_id
        and closed_statements.currency = added.currency and closed_statements.number = added.number
  ) then
    raise exception 'append-only: a closed statement gets no further line'
      using errcode = 'insufficient_privilege';
  end if;
  return null;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.refuse_log_rollback()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.size < old.size or new.epoch < old.epoch or new.recipient_id <> old.recipient_id
    or (new.size = old.size and new.frontier <> old.frontier)
  then
    raise exception 'append-only: a log never goes back' using errcode = 'insufficient_privilege';
  end if;
  if (new.log_id, new.origin) is distinct from (old.log_id, old.origin) and not exists (
    select from public.log_renewals renewal
    where renewal.recipient_id = new.recipient_id and renewal.origin = new.origin
      and renewal.log_id = new.log_id and renewal.was_origin = old.origin
      and renewal.size = new.size and renewal.created_at = now()
  ) then
    raise exception 'append-only: a log keeps its name' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.refuse_one_sided()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (select count(*) from public.agreement_acceptances as said
       where said.partner_id = new.partner_id and said.version = new.version) <> 2 then
    raise exception 'agreement: both sides accept a version'
      using errcode = 'check_violation';
  end if;
  return null;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.refuse_partner_move()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.status is distinct from old.status
     and (new.status = 'invited' or old.status = 'retired'
          or (old.status = 'invited' and new.status = 'suspended')) then
    raise exception 'partner-status: % does not follow %', new.status, old.status
      using errcode = 'check_violation';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.refuse_second_outcome()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.outcome <> 'open' then
    raise exception 'append-only: an offer is decided once'
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.renew_log(recipient uuid, new_log_id text, new_origin text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  insert into log_renewals (recipient_id, size, log_id, origin, was_origin)
  select log_heads.recipient_id, log_heads.size, new_log_id, new_origin, log_heads.origin
  from log_heads where log_heads.recipient_id = recipient;
  update log_heads set log_id = new_log_id, origin = new_origin
  where log_heads.recipient_id = recipient;
end
$function$
 owner sluice_owner
CREATE OR REPLACE FUNCTION public.replace_postings(recipient uuid, of_bucket integer, of_segment bigint, left_postings bytea)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  update public.log_postings set postings = left_postings
    where log_postings.recipient_id = recipient and log_postings.bucket = of_bucket
      and log_postings.segment = of_segment
$function$
 owner sluice_owner

-- grants
agreed_adjustments to sluice_app: INSERT
agreed_adjustments to sluice_app: SELECT
agreement_acceptances to sluice_app: INSERT
agreement_acceptances to sluice_app: SELECT
agreement_offers to sluice_app: INSERT
agreement_offers to sluice_app: SELECT
agreement_offers(decided_at) to sluice_app: UPDATE
agreement_offers(decided_by) to sluice_app: UPDATE
agreement_offers(outcome) to sluice_app: UPDATE
agreement_retirements to sluice_app: INSERT
agreement_retirements to sluice_app: SELECT
agreement_versions to sluice_app: INSERT
agreement_versions to sluice_app: SELECT
agreement_versions(valid_until) to sluice_app: UPDATE
approved_statements to sluice_app: INSERT
approved_statements to sluice_app: SELECT
attribution_decisions to sluice_app: INSERT
attribution_decisions to sluice_app: SELECT
attributions to sluice_app: INSERT
attributions to sluice_app: SELECT
billing_modes to sluice_app: INSERT
billing_modes to sluice_app: SELECT
budget_counts to sluice_app: DELETE
budget_counts to sluice_app: INSERT
budget_counts to sluice_app: SELECT
budget_counts to sluice_app: UPDATE
calendar_days to sluice_app: SELECT
choices to sluice_app: INSERT
choices to sluice_app: SELECT
claim_decisions to sluice_app: INSERT
claim_decisions to sluice_app: SELECT
claims to sluice_app: INSERT
claims to sluice_app: SELECT
claims(content) to sluice_app: UPDATE
client_certificates to sluice_app: INSERT
client_certificates to sluice_app: SELECT
client_certificates(expires_at) to sluice_app: UPDATE
client_certificates(used_at) to sluice_app: UPDATE
client_keys to sluice_app: INSERT
client_keys to sluice_app: SELECT
client_keys(expires_at) to sluice_app: UPDATE
client_keys(jwk) to sluice_app: UPDATE
client_keys(used_at) to sluice_app: UPDATE
client_secrets to sluice_app: INSERT
client_secrets to sluice_app: SELECT
client_secrets(expires_at) to sluice_app: UPDATE
client_secrets(used_at) to sluice_app: UPDATE
clients to sluice_app: INSERT
clients to sluice_app: SELECT
clients(keys_fetched_at) to sluice_app: UPDATE
clients(keys_tried_at) to sluice_app: UPDATE
clients(networks) to sluice_app: UPDATE
clients(status) to sluice_app: UPDATE
close_version_once() to public: EXECUTE
closed_lines to sluice_app: INSERT
closed_lines to sluice_app: SELECT
closed_pages to sluice_app: INSERT
closed_pages to sluice_app: SELECT
closed_statements to sluice_app: INSERT
closed_statements to sluice_app: SELECT
collection_reports to sluice_app: INSERT
collection_reports to sluice_app: SELECT
count_soon() to public: EXECUTE
customers to sluice_app: SELECT
customers(created_at) to sluice_app: UPDATE
customers(customer_id) to sluice_app: INSERT
disclosure_entries to sluice_app: SELECT
disclosure_entries(entry) to sluice_app: INSERT
disclosure_entries(entry_id) to sluice_app: INSERT
disclosure_entries(index) to sluice_app: INSERT
disclosure_entries(leaf_hash) to sluice_app: INSERT
disclosure_entries(recipient_id) to sluice_app: INSERT
disclosure_secrets to sluice_app: SELECT
disclosure_secrets(filters) to sluice_app: INSERT
disclosure_secrets(index) to sluice_app: INSERT
disclosure_secrets(leaf_hashes) to sluice_app: INSERT
disclosure_secrets(recipient_id) to sluice_app: INSERT
disclosure_secrets(secret) to sluice_app: INSERT
disclosure_subjects to sluice_app: SELECT
disclosure_subjects(index) to sluice_app: INSERT
disclosure_subjects(numbers) to sluice_app: INSERT
disclosure_subjects(recipient_id) to sluice_app: INSERT
end_agreement_once() to public: EXECUTE
erase_log_secret(uuid) to sluice_app: EXECUTE
erase_subject_from_entry(uuid,bigint,bytea,bytea,bytea) to sluice_app: EXECUTE
erase_subject_from_log(uuid,uuid,text) to sluice_app: EXECUTE
fee_accruals to sluice_app: DELETE
fee_accruals to sluice_app: INSERT
fee_accruals to sluice_app: SELECT
fee_accruals to sluice_app: UPDATE
fee_computations to sluice_app: INSERT
fee_computations to sluice_app: SELECT
fee_computations to sluice_app: UPDATE
joint_closures to sluice_app: DELETE
joint_closures to sluice_app: INSERT
joint_closures to sluice_app: SELECT
joint_closures(recipient_id) to sluice_reader: SELECT
joint_closures(subject_number) to sluice_reader: SELECT
joint_records to sluice_app: DELETE
joint_records to sluice_app: INSERT
joint_records to sluice_app: SELECT
joint_records to sluice_app: UPDATE
joint_records(account) to sluice_reader: SELECT
joint_records(billing) to sluice_reader: SELECT
joint_records(business) to sluice_reader: SELECT
joint_records(contact) to sluice_reader: SELECT
joint_records(contact_additional) to sluice_reader: SELECT
joint_records(contact_email) to sluice_reader: SELECT
joint_records(financial) to sluice_reader: SELECT
joint_records(position) to sluice_reader: SELECT
joint_records(recipient_id) to sluice_reader: SELECT
joint_records(record_id) to sluice_reader: SELECT
joint_records(record_type) to sluice_reader: SELECT
joint_records(reference) to sluice_reader: SELECT
joint_records(services) to sluice_reader: SELECT
joint_records(subject_id) to sluice_reader: SELECT
joint_records(subject_number) to sluice_reader: SELECT
keep_claim() to public: EXECUTE
keep_payout_items() to public: EXECUTE
keep_promotion() to public: EXECUTE
keep_proposal() to public: EXECUTE
keep_second_person() to public: EXECUTE
keep_statement_chain() to public: EXECUTE
keep_statement_transfers() to public: EXECUTE
ledger_accounts to sluice_app: SELECT
ledger_entries to sluice_app: INSERT
ledger_entries to sluice_app: SELECT
ledger_lines to sluice_app: INSERT
ledger_lines to sluice_app: SELECT
lock_policy() to sluice_app: EXECUTE
log_archived_ids to sluice_app: SELECT
log_cosignatures to sluice_app: SELECT
log_cosignatures(line) to sluice_app: INSERT
log_cosignatures(recipient_id) to sluice_app: INSERT
log_cosignatures(size) to sluice_app: INSERT
log_cosignatures(witness) to sluice_app: INSERT
log_counters to sluice_app: SELECT
log_counters(numbered) to sluice_app: UPDATE
log_counters(recipient_id) to sluice_app: INSERT
log_epoch(uuid) to sluice_app: EXECUTE
log_epoch(uuid) to sluice_reader: EXECUTE
log_erased_leaves to sluice_app: INSERT
log_erased_leaves to sluice_app: SELECT
log_exports to sluice_app: SELECT
log_exports(before) to sluice_app: INSERT
log_exports(digest) to sluice_app: INSERT
log_exports(files) to sluice_app: INSERT
log_exports(from_index) to sluice_app: INSERT
log_exports(past_index) to sluice_app: INSERT
log_exports(recipient_id) to sluice_app: INSERT
log_heads to sluice_app: SELECT
log_heads(epoch) to sluice_app: UPDATE
log_heads(epoch) to sluice_reader: SELECT
log_heads(frontier) to sluice_app: UPDATE
log_heads(log_id) to sluice_app: INSERT
log_heads(origin) to sluice_app: INSERT
log_heads(recipient_id) to sluice_app: INSERT
log_heads(recipient_id) to sluice_reader: SELECT
log_heads(size) to sluice_app: UPDATE
log_nodes to sluice_app: SELECT
log_nodes(hash) to sluice_app: INSERT
log_nodes(index) to sluice_app: INSERT
log_nodes(level) to sluice_app: INSERT
log_nodes(recipient_id) to sluice_app: INSERT
log_places to sluice_app: SELECT
log_places(beat) to sluice_app: INSERT
log_places(origin) to sluice_app: INSERT
log_places(recipient_id) to sluice_app: INSERT
log_places(root) to sluice_app: INSERT
log_places(size) to sluice_app: INSERT
log_postings to sluice_app: SELECT
log_postings(bucket) to sluice_app: INSERT
log_postings(postings) to sluice_app: INSERT
log_postings(recipient_id) to sluice_app: INSERT
log_postings(segment) to sluice_app: INSERT
log_renewals to sluice_app: SELECT
log_secrets to sluice_app: SELECT
log_secrets(customer_id) to sluice_app: INSERT
log_secrets(secret) to sluice_app: INSERT
log_subjects to sluice_app: SELECT
log_subjects(customer_id) to sluice_app: INSERT
log_subjects(number) to sluice_app: INSERT
log_subjects(recipient_id) to sluice_app: INSERT
logged_statements to sluice_app: INSERT
logged_statements to sluice_app: SELECT
make_log_partitions() to sluice_app: EXECUTE
notice_days_run(text,text,timestamp with time zone,timestamp wi to sluice_app: EXECUTE
paid_statements to sluice_app: INSERT
paid_statements to sluice_app: SELECT
partner_budgets to sluice_app: INSERT
partner_budgets to sluice_app: SELECT
partner_contacts to sluice_app: INSERT
partner_contacts to sluice_app: SELECT
partner_contacts(until) to sluice_app: UPDATE
partner_events to sluice_app: INSERT
partner_events to sluice_app: SELECT
partners to sluice_app: INSERT
partners to sluice_app: SELECT
partners(status) to sluice_app: UPDATE
payees to sluice_app: INSERT
payees to sluice_app: SELECT
payout_batches to sluice_app: INSERT
payout_batches to sluice_app: SELECT
payout_items to sluice_app: INSERT
payout_items to sluice_app: SELECT
payout_items(reason) to sluice_app: UPDATE
payout_items(released_at) to sluice_app: UPDATE
payout_items(released_by) to sluice_app: UPDATE
policy_activations to sluice_app: SELECT
policy_activations(actor) to sluice_app: INSERT
policy_activations(version) to sluice_app: INSERT
policy_versions to sluice_app: SELECT
policy_versions(actor) to sluice_app: INSERT
policy_versions(country) to sluice_app: INSERT
policy_versions(digest) to sluice_app: INSERT
policy_versions(document) to sluice_app: INSERT
policy_versions(notice) to sluice_app: INSERT
policy_versions(notice_days) to sluice_app: INSERT
policy_versions(response_directions) to sluice_app: INSERT
policy_versions(time_zone) to sluice_app: INSERT
policy_versions(version) to sluice_app: INSERT
post_ledger_lines() to public: EXECUTE
processor_events to sluice_app: INSERT
processor_events to sluice_app: SELECT
processor_events(changed_at) to sluice_app: UPDATE
processor_events(facts) to sluice_app: UPDATE
processor_events(links) to sluice_app: UPDATE
processor_events(reason) to sluice_app: UPDATE
processor_events(record_keys) to sluice_app: UPDATE
processor_events(skeleton) to sluice_app: UPDATE
processor_events(state) to sluice_app: UPDATE
promotions to sluice_app: INSERT
promotions to sluice_app: SELECT
promotions(ended_by) to sluice_app: UPDATE
promotions(until_at) to sluice_app: UPDATE
proposals to sluice_app: INSERT
proposals to sluice_app: SELECT
proposals(decided_at) to sluice_app: UPDATE
proposals(decided_by) to sluice_app: UPDATE
proposals(reason) to sluice_app: UPDATE
proposals(status) to sluice_app: UPDATE
records to sluice_app: SELECT
records(body) to sluice_app: INSERT
records(customer_id) to sluice_app: INSERT
records(dated_at) to sluice_app: INSERT
records(dated_on) to sluice_app: INSERT
records(record_id) to sluice_app: INSERT
records(record_type) to sluice_app: INSERT
records(service_id) to sluice_app: INSERT
records(source_key) to sluice_app: INSERT
records(valid_from) to sluice_app: INSERT
records(valid_to) to sluice_app: UPDATE
refuse_bare_entry() to public: EXECUTE
refuse_change() to public: EXECUTE
refuse_decision_of_unheld() to public: EXECUTE
refuse_line_of_closed() to public: EXECUTE
refuse_log_rollback() to public: EXECUTE
refuse_one_sided() to public: EXECUTE
refuse_partner_move() to public: EXECUTE
refuse_second_outcome() to public: EXECUTE
relationship_events to sluice_app: INSERT
relationship_events to sluice_app: SELECT
relationships to sluice_app: INSERT
relationships to sluice_app: SELECT
relationships(activated_at) to sluice_app: UPDATE
relationships(attributed_at) to sluice_app: UPDATE
relationships(ended_at) to sluice_app: UPDATE
relationships(is_active) to sluice_app: UPDATE
relationships(open_parts) to sluice_app: UPDATE
renew_log(uuid,text,text) to sluice_app: EXECUTE
replace_postings(uuid,integer,bigint,bytea) to sluice_app: EXECUTE
schema public to sluice_app: USAGE
schema public to sluice_reader: USAGE
services to sluice_app: SELECT
services(code) to sluice_app: INSERT
services(code) to sluice_app: UPDATE
services(id) to sluice_app: INSERT
services(key) to sluice_app: INSERT
services(name) to sluice_app: INSERT
services(name) to sluice_app: UPDATE
staff to sluice_app: INSERT
staff to sluice_app: SELECT
staff(key_hash) to sluice_app: UPDATE
staff(status) to sluice_app: UPDATE
stated_transfers to sluice_app: INSERT
stated_transfers to sluice_app: SELECT
terms_acceptances to sluice_app: INSERT
terms_acceptances to sluice_app: SELECT
terms_versions to sluice_app: INSERT
terms_versions to sluice_app: SELECT
tokens to sluice_app: INSERT
tokens to sluice_app: SELECT
tokens(revoked_at) to sluice_app: UPDATE
transfers to sluice_app: INSERT
transfers to sluice_app: SELECT
used_jtis to sluice_app: DELETE
used_jtis to sluice_app: INSERT
used_jtis to sluice_app: SELECT
view_retirements to sluice_app: INSERT
view_retirements to sluice_app: SELECT
views to sluice_app: INSERT
views to sluice_app: SELECT
