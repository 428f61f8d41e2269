import { firstDay } from './company.ts';
import { dayAfter } from './day-rules.ts';
import { drawChance, drawNumber, drawOne } from './draw-rules.ts';
import { jobs, organisations, people, places, streets, type DemoPlace } from './names.ts';

/** A made-up customer: its record, and what its business follows from. */
export interface DemoCustomer {
  readonly key: string;
  readonly record: { readonly id: string } & Readonly<Record<string, unknown>>;
  readonly billTo: Readonly<Record<string, unknown>>;
  readonly country: DemoPlace['country'];
  readonly plan: 'solo' | 'team' | 'house';
  readonly seats: number;
  /** In units of 100 GB; 0: it does not use the archive. */
  readonly archiveUnits: number;
  /** YYYY-MM-DD */
  readonly signedUpOn: string;
}

type Plans = readonly [DemoCustomer['plan'], ...DemoCustomer['plan'][]];
const forOrganisations: Plans = ['team', 'house', 'team'];
const forPersons: Plans = ['solo', 'team'];
const customerCount = organisations.length + 28;

/** Persons and organisations with contact persons, always the same ones, in a fixed order. */
export function makeCustomers(): DemoCustomer[] {
  return Array.from({ length: customerCount }, (_, index) => makeCustomer(index));
}

/** The key of the customer at a place in the list: 0 is "c-001". */
export function keyOf(index: number): string {
  return `c-${String(index + 1).padStart(3, '0')}`;
}

function makeCustomer(index: number): DemoCustomer {
  const key = keyOf(index);
  const place = drawOne(places, 'place', key);
  const name = nameOf(index);
  const plan = drawOne(name.isOrganisation ? forOrganisations : forPersons, key);
  const signedUpOn = dayAfter(firstDay, drawNumber(0, 27, 'day', key) + 30 * (index % 3));
  const billTo = { name: name.text, address: addressOf(key, place) };
  const record = {
    id: key,
    ...partsOf(key, name, place),
    account: { number: `DS-${key.slice(2)}`, status: 'open', since: signedUpOn, plan },
    financial: { card: cardOf(key) },
    billing: name.isOrganisation ? { ...billTo, taxNumber: `TEST-${key.slice(2)}` } : billTo,
  };
  const seats = plan === 'team' ? drawNumber(2, 9, 'seats', key) : 1;
  const archiveUnits = drawChance(2, 'archive', key) ? drawNumber(1, 12, 'space', key) : 0;
  return { key, record, billTo, country: place.country, plan, seats, archiveUnits, signedUpOn };
}

interface Name {
  readonly text: string;
  readonly isOrganisation: boolean;
}

/** Five of twelve customers are organisations. */
function nameOf(index: number): Name {
  const turns = [2, 4, 7, 9, 11];
  const before = Math.floor(index / 12) * turns.length;
  const turn = turns.indexOf(index % 12);
  if (turn >= 0) return { text: organisations[before + turn] ?? '', isOrganisation: true };
  const earlier = turns.filter((one) => one < index % 12).length;
  const person = people[index - before - earlier];
  return { text: person ? `${person.given} ${person.family}` : '', isOrganisation: false };
}

function partsOf(key: string, { text, isOrganisation }: Name, place: DemoPlace) {
  const contact = {
    name: text,
    phone: phoneOf(place.country, key),
    address: addressOf(key, place),
  };
  if (!isOrganisation) {
    const [givenName = '', ...rest] = text.split(' ');
    const names = { givenName, familyName: rest.join(' ') };
    return {
      contact: { kind: 'person', ...contact, ...names },
      email: { address: `${slugOf(text)}@example.test` },
    };
  }
  const staff = staffOf(key, place, `${slugOf(text)}.example`);
  return {
    contact: {
      kind: 'organisation',
      ...contact,
      people: staff.map(({ id, name, phone }) => ({ id, name, phone })),
    },
    email: {
      address: `office@${slugOf(text)}.example`,
      people: staff.map(({ id, mail }) => ({ id, address: mail })),
    },
    additional: { people: staff.map(({ id, title }) => ({ id, title })) },
  };
}

/** One to three contact persons, with ids of their own within their organisation. */
function staffOf(key: string, { country }: DemoPlace, domain: string) {
  return Array.from({ length: drawNumber(1, 3, 'staff', key) }, (_, index) => {
    const id = `p-${String(index + 1)}`;
    const given = people[drawNumber(0, people.length - 1, 'given', key, id)]?.given ?? '';
    const family = people[drawNumber(0, people.length - 1, 'family', key, id)]?.family ?? '';
    const title = drawOne(jobs, 'job', key, id);
    const mail = `${slugOf(given)}.${slugOf(family)}@${domain}`;
    return { id, name: `${given} ${family}`, phone: phoneOf(country, key, id), mail, title };
  });
}

function addressOf(key: string, { city, region, country }: DemoPlace) {
  const house = String(drawNumber(1, 96, 'house', key));
  return { street: `${house} ${drawOne(streets, 'street', key)}`, city, region, country };
}

function cardOf(key: string) {
  const lastFour = String(drawNumber(0, 9999, 'card', key)).padStart(4, '0');
  const month = String(drawNumber(1, 12, 'expiry', key)).padStart(2, '0');
  return {
    brand: drawOne(['Visa', 'Mastercard'], 'brand', key),
    lastFour,
    expiry: `2028-${month}`,
  };
}

/** Numbers that the four countries keep free for films and books. */
function phoneOf(country: DemoPlace['country'], ...label: readonly string[]): string {
  const digits = (count: number) =>
    String(drawNumber(0, 10 ** count - 1, 'phone', ...label)).padStart(count, '0');
  if (country === 'US') return `+1 202 555 01${digits(2)}`;
  if (country === 'GB') return `+44 1632 960${digits(3)}`;
  if (country === 'DE') return `+49 30 23125 ${digits(3)}`;
  return `+33 1 99 00 ${digits(4).slice(0, 2)} ${digits(4).slice(2)}`;
}

function slugOf(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
}
