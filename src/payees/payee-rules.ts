import { validateIBAN } from 'sepa';
import { Refusal } from '../platform/refusal.ts';
import { InvalidPayee, type PayeeAccount } from './payee.ts';

/**
 * An account as it is kept: without the blanks that people write into it. Refuses (`invalid-payee`) a
 * name with letters that not every bank takes, an account in euros that is no IBAN, an IBAN whose
 * check digits are wrong (ISO 13616), and what is no BIC (ISO 9362).
 */
export function payeeAccountOf(
  currency: string,
  said: { name: string; account: string; bic?: string | null | undefined },
): PayeeAccount {
  if (!/^[A-Z]{3}$/.test(currency)) refuse('currency', 'A currency is three capital letters.');
  const name = said.name.trim();
  const account = said.account.replaceAll(' ', '').toUpperCase();
  const bic = said.bic?.replaceAll(' ', '').toUpperCase() ?? null;
  if (!isBankText(name, 70)) {
    refuse('name', 'A name has 1 to 70 characters that banks take: letters without accents, digits and /-?:().,+’.'); // prettier-ignore
  }
  if (!/^[0-9A-Z]{4,34}$/.test(account)) {
    refuse('account', 'An account has 4 to 34 letters and digits.');
  }
  if (isIbanLike(account) ? !validateIBAN(account) : currency === 'EUR') {
    refuse('account', 'It is not an IBAN: its check digits do not fit.');
  }
  if (bic !== null && !/^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(bic)) {
    refuse('bic', 'A BIC has 8 or 11 letters and digits.');
  }
  return { name, account, bic };
}

/** Whether a text is of the characters that every bank of the SEPA takes (EPC217-08). */
function isBankText(text: string, most: number): boolean {
  return text.length <= most && /^[A-Za-z0-9/?:().,'+ -]+$/.test(text) && /[A-Za-z0-9]/.test(text);
}

function isIbanLike(account: string): boolean {
  return /^[A-Z]{2}[0-9]{2}/.test(account);
}

function refuse(field: string, detail: string): never {
  throw new Refusal(InvalidPayee, detail, { field });
}
