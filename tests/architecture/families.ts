/**
 * Where a table lives when the house grows past one server. `customer`: keyed by customer_id first.
 * `recipient`: keyed by recipient_id or partner_id first. `small`: replicated to every server.
 */
export type Family = 'customer' | 'recipient' | 'small';

export const families: Readonly<Record<string, Family>> = {
  staff: 'small',
  proposals: 'small',
  partners: 'small',
  partner_events: 'small',
  partner_contacts: 'small',
  terms_versions: 'small',
  terms_acceptances: 'small',
  agreement_versions: 'small',
  partner_budgets: 'small',
  budget_counts: 'small',
  agreement_acceptances: 'small',
  agreement_retirements: 'small',
  agreement_offers: 'small',
  views: 'small',
  calendar_days: 'small',
  policy_versions: 'small',
  policy_activations: 'small',
  view_retirements: 'small',
  clients: 'small',
  client_secrets: 'small',
  client_keys: 'small',
  client_certificates: 'small',
  tokens: 'small',
  used_jtis: 'small',
  services: 'small',
  customers: 'customer',
  records: 'customer',
  choices: 'customer',
  relationships: 'customer',
  relationship_events: 'customer',
  log_secrets: 'customer',
  joint_closures: 'recipient',
  joint_records: 'recipient',
  log_heads: 'recipient',
  log_counters: 'recipient',
  log_nodes: 'recipient',
  log_places: 'recipient',
  log_renewals: 'recipient',
  log_cosignatures: 'recipient',
  log_subjects: 'recipient',
  log_postings: 'recipient',
  log_erased_leaves: 'recipient',
  disclosure_entries: 'recipient',
  disclosure_secrets: 'recipient',
  disclosure_subjects: 'recipient',
  log_exports: 'recipient',
  log_archived_ids: 'recipient',
  fee_computations: 'recipient',
  fee_accruals: 'recipient',
};

/** The columns one of which is in every key of a table of the family. */
export const keysOf: Readonly<Record<Family, readonly string[]>> = {
  customer: ['customer_id'],
  recipient: ['recipient_id', 'partner_id'],
  small: [],
};

/** Rows of these are only ever added. */
export const appendOnly: readonly string[] = [
  'agreement_acceptances',
  'agreement_retirements',
  'terms_acceptances',
  'terms_versions',
  'choices',
  'calendar_days',
  'policy_activations',
  'policy_versions',
  'disclosure_entries',
  'log_archived_ids',
  'log_cosignatures',
  'log_erased_leaves',
  'log_exports',
  'log_nodes',
  'log_places',
  'log_renewals',
  'log_subjects',
  'partner_events',
  'relationship_events',
  'view_retirements',
  'views',
];

/** How far the migrations have come: knex's own bookkeeping, in no room and no family. */
export const bookkeeping = ['migrations', 'migrations_lock'];
