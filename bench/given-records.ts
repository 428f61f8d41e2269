/** The bench's customers: made from their number alone, so that every run measures the same bytes. */

export interface GivenRecord {
  readonly type: string;
  readonly value: Record<string, unknown>;
}

const cities = ['Springfield', 'Shelbyville', 'Ogdenville', 'North Haverbrook', 'Capital City'];
const plans = ['starter', 'pro', 'team', 'enterprise'];
const pick = (from: readonly string[], number: number) => from[number % from.length] ?? '';
const padded = (number: number, digits: number) => String(number).padStart(digits, '0');

export const customerKey = (number: number) => `customer-${padded(number, 7)}`;

/** One in five is an organisation with two contact persons; every field of the catalogue is used. */
export function customerRecord(number: number): GivenRecord {
  const isOrganisation = number % 5 === 0;
  const name = `Customer ${padded(number, 7)}`;
  const people = [1, 2].map((person) => ({
    id: `p${person}`,
    name: `Person ${person} of ${name}`,
  }));
  return {
    type: 'customer',
    value: {
      id: customerKey(number),
      contact: {
        kind: isOrganisation ? 'organisation' : 'person',
        name,
        givenName: pick(['Ada', 'Ben', 'Çelik', 'Dörte'], number),
        familyName: name,
        organisation: `${name} Ltd`,
        phone: `+1 555 ${padded(number % 10_000, 4)}`,
        address: addressOf(number),
        ...(isOrganisation && { people }),
      },
      email: { address: `${customerKey(number)}@example.test` },
      additional: { title: 'Director', department: 'Purchasing', fax: '+1 555 0101' },
      account: {
        number: `A-${padded(number, 9)}`,
        status: 'open',
        since: '2024-03-01',
        plan: pick(plans, number),
      },
      financial: {
        card: { brand: 'visa', lastFour: padded(number % 10_000, 4), expiry: '2028-11' },
      },
      billing: {
        name: `${name} Accounts`,
        taxNumber: `DE${padded(number, 9)}`,
        address: addressOf(number + 1),
      },
    },
  };
}

export function invoiceRecord(number: number, of: number): GivenRecord {
  const amount = 1000 + (number % 90_000);
  return {
    type: 'invoice',
    value: {
      id: `invoice-${padded(number, 8)}`,
      customer: customerKey(of),
      service: 'store',
      number: `N-${padded(number, 8)}`,
      issuedOn: '2026-03-01',
      total: { amount, currency: 'EUR' },
    },
  };
}

export function paymentRecord(number: number, of: number): GivenRecord {
  const amount = 1000 + (number % 90_000);
  return {
    type: 'payment',
    value: {
      id: `payment-${padded(number, 8)}`,
      customer: customerKey(of),
      service: 'store',
      settledAt: '2026-03-02T10:00:00Z',
      amount: { amount, currency: 'EUR' },
    },
  };
}

function addressOf(number: number): Record<string, string> {
  return {
    street: `${number % 900} Evergreen Terrace`,
    city: pick(cities, number),
    region: 'Oregon',
    postalCode: padded(number % 100_000, 5),
    country: 'US',
  };
}
