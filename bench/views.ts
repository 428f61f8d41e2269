/**
 * What the measured partner does not see: 11 of the 28 fields that its classes have, in every class
 * and at every depth, so that no class can be shown as it stands.
 */
export const leftOut: readonly (readonly string[])[] = [
  ['contact', 'organisation'],
  ['contact', 'phone'],
  ['contact', 'address', 'street'],
  ['contact', 'address', 'region'],
  ['contact', 'people'],
  ['account', 'status'],
  ['financial', 'card', 'expiry'],
  ['billing', 'taxNumber'],
  ['billing', 'address', 'street'],
];

/** Classes that the agreement does not name; their members are forbidden as well. */
export const forbidden: readonly string[] = ['email', 'additional'];

const all = (...names: string[]) => Object.fromEntries(names.map((name) => [name, true]));
const some = (properties: Record<string, unknown>) => ({ properties });

/** The view that leaves a third of the fields out. */
export const narrowView = {
  type: 'object',
  properties: {
    customer: some({
      contact: some({
        ...all('kind', 'name', 'givenName', 'familyName'),
        address: some(all('city', 'postalCode', 'country')),
      }),
      account: some(all('number', 'since', 'plan')),
      financial: some({ card: some(all('brand', 'lastFour')) }),
      billing: some({
        name: true,
        address: some(all('city', 'region', 'postalCode', 'country')),
      }),
    }),
    invoice: true,
    payment: true,
  },
};

/** The same classes, whole. */
export const wholeView = {
  type: 'object',
  properties: {
    customer: some(all('contact', 'account', 'financial', 'billing')),
    invoice: true,
    payment: true,
  },
};
