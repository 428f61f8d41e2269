import type { JsonObject } from '../records/index.ts';
import type { Likeness } from './attribution.ts';

type JsonValue = JsonObject[string];

/** Whom to turn to at a partner. */
export interface KnownPartner {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** Whose mail it is says nothing of who they are: there only the whole address counts. */
const publicHosts = new Set([
  ...['aol.com', 'fastmail.com', 'gmail.com', 'gmx.at', 'gmx.ch', 'gmx.de', 'gmx.net'],
  ...['googlemail.com', 'hey.com', 'hotmail.com', 'icloud.com', 'libero.it', 'live.com'],
  ...['mac.com', 'mail.com', 'mail.ru', 'me.com', 'msn.com', 'orange.fr', 'outlook.com'],
  ...['pm.me', 'posteo.de', 'proton.me', 'protonmail.com', 'qq.com', 't-online.de', 'web.de'],
  ...['yahoo.com', 'yandex.ru', 'zoho.com', '126.com', '163.com'],
]);

/**
 * By what a customer's record and a partner look like one and the same; undefined: by nothing. Both
 * are compared here and only the finding goes on.
 */
export function likenessOf(body: JsonObject, partner: KnownPartner): Likeness | undefined {
  const theirs = partner.addresses.map(plain);
  const own = addressesIn(body).map(plain);
  if (own.some((address) => theirs.includes(address))) return 'same-address';
  const hosts = new Set(theirs.map(hostOf).filter((host) => !publicHosts.has(host)));
  if (own.some((address) => hosts.has(hostOf(address)))) return 'same-domain';
  const name = plain(partner.name);
  return namesIn(body).some((one) => plain(one) === name) ? 'same-name' : undefined;
}

function addressesIn({ email }: JsonObject): string[] {
  const people = at(email, 'people');
  const listed = Array.isArray(people) ? people.map((one) => at(one as JsonValue, 'address')) : [];
  return [at(email, 'address'), ...listed].filter((one) => typeof one === 'string');
}

function namesIn({ contact, billing }: JsonObject): string[] {
  const names = [at(contact, 'name'), at(contact, 'organisation'), at(billing, 'name')];
  return names.filter((one) => typeof one === 'string');
}

function at(value: JsonValue | undefined, member: string): JsonValue | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject)[member] : undefined;
}

/** Letters alike, blanks once. */
const plain = (text: string) => text.normalize('NFKC').toLowerCase().trim().replaceAll(/\s+/g, ' ');

const hostOf = (address: string) => address.slice(address.lastIndexOf('@') + 1);
