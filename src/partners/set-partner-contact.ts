import { inTransaction } from '../platform/database.ts';
import { isPrintable } from '../platform/printable.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { endPartnerContact, insertPartnerContact } from './contact-store.ts';
import { lockPartner } from './partner-store.ts';
import { InvalidPartner, UnknownPartner, type ContactMatter, type PartnerId } from './partner.ts';

/**
 * Says whom to turn to at a partner in a matter, in place of whom it was before; without a person
 * nobody. Refusals: `unknown-partner`, `invalid-partner`.
 */
export async function setPartnerContact(
  { db, clock }: Tools,
  {
    partnerId,
    matter,
    person,
  }: {
    readonly partnerId: PartnerId;
    readonly matter: ContactMatter;
    readonly person?: { readonly name: string; readonly email: string } | undefined;
  },
): Promise<void> {
  if (person) checkPerson(person);
  const now = clock.now();
  await inTransaction(db, async (tx) => {
    if (!(await lockPartner(tx, partnerId))) throw new Refusal(UnknownPartner);
    await endPartnerContact(tx, partnerId, { matter, until: now });
    if (person) await insertPartnerContact(tx, partnerId, { matter, ...person, since: now });
  });
}

function checkPerson({ name, email }: { name: string; email: string }): void {
  if (!isPrintable(name, 200)) {
    const detail = 'A name has 1 to 200 printable characters.';
    throw new Refusal(InvalidPartner, detail, { field: 'name' });
  }
  // Whether it reaches somebody only a message can tell.
  if (email.length > 254 || !/^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(email)) {
    throw new Refusal(InvalidPartner, 'This is no e-mail address.', { field: 'email' });
  }
}
