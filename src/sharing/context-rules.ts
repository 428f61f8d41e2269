import type { PageFilters } from '../disclosures/index.ts';

/**
 * What a cursor is bound to: it opens for the same list, through the same view, for the same
 * purposes and narrowed in the same way, and for no other.
 */
export function cursorContext({
  partnerId,
  recordType,
  view,
  purposes,
  fields,
  filters: { customer = '', from = '', to = '' },
}: {
  partnerId: string;
  recordType: string;
  view: { readonly version: number; readonly digest: string };
  /** The token's. */
  purposes: readonly string[];
  /** The fields that are shown, in the view's order. */
  fields: readonly string[];
  filters: PageFilters;
}): string[] {
  return [
    'records',
    partnerId,
    recordType,
    String(view.version),
    view.digest,
    [...purposes].sort().join(' '),
    fields.join(','),
    customer,
    from,
    to,
  ];
}
