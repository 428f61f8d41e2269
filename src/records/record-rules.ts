import { currencyDecimals } from '../platform/currencies.ts';
import { holdsCardNumber } from './card-number-rules.ts';
import type { FieldClass, RecordType, SchemaNode } from '../catalogue/index.ts';
import type { JsonObject, JsonValue, RecordProblem } from './record.ts';

/** A field of one record with its value. */
interface Field {
  /** JSON Pointer. */
  readonly pointer: string;
  readonly name: string;
  readonly value: string | number | boolean;
  readonly fieldClass: FieldClass;
  readonly refersTo: string | undefined;
}

/**
 * What our own rules find wrong with a record whose shape is right: card numbers (P19), control
 * characters, broken Unicode, numbers that are not exact, unknown or mixed currencies, parts that
 * name another service than the record's own, payments and refunds that are still to come (P10), disputes
 * won before they were opened, taxes above the amounts that they are part of, credit notes that lower no
 * invoice.
 */
export function ownProblems(type: RecordType, body: JsonObject, now: Date): RecordProblem[] {
  const fields = fieldsOf(type.schema, body, '', '');
  return [
    ...fields.flatMap(valueProblems),
    ...currencyProblems(fields.filter(({ name }) => name === 'currency')),
    ...serviceProblems(fields.filter(({ refersTo }) => refersTo === 'service')),
    ...futureProblems(type, body, now),
    ...disputeProblems(type, body, now),
    ...taxProblems(type, body),
    ...creditNoteProblems(type, body),
  ];
}

function fieldsOf(node: SchemaNode, value: JsonValue, pointer: string, name: string): Field[] {
  if (node.type === 'object') {
    return Object.entries(value as Record<string, JsonValue>).flatMap(([key, part]) => {
      const inner = node.properties[key];
      return inner ? fieldsOf(inner, part, `${pointer}/${key}`, key) : [];
    });
  }
  if (node.type === 'array') {
    return (value as JsonValue[]).flatMap((item, i) =>
      fieldsOf(node.items, item, `${pointer}/${String(i)}`, name),
    );
  }
  const field = { pointer, name, value: value as Field['value'] };
  return [{ ...field, fieldClass: node['x-class'], refersTo: node['x-refers-to'] }];
}

function valueProblems({ pointer, value, fieldClass }: Field): RecordProblem[] {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value)
      ? []
      : [problem(pointer, 'unsafe-integer', 'The number is beyond 2^53 − 1.')];
  }
  if (typeof value === 'boolean') return [];
  if (/\p{Surrogate}/u.test(value)) {
    return [problem(pointer, 'lone-surrogate', 'The text is not well-formed Unicode.')];
  }
  if (/[^\P{Cc}\n\t\u007f-\u009f]/u.test(value)) {
    const sentence = 'Of the control characters only a line feed and a tab may stand in a text.';
    return [problem(pointer, 'control-character', sentence)];
  }
  if (fieldClass === 'reference' || !holdsCardNumber(value)) return [];
  const sentence =
    'The text holds a card number. Card numbers never enter: send brand, last four digits and expiry.';
  return [{ ...problem(pointer, 'card-number', sentence), promise: 'P19' }];
}

function currencyProblems(currencies: readonly Field[]): RecordProblem[] {
  const [first] = currencies;
  return currencies.flatMap(({ pointer, value }) => {
    if (currencyDecimals(String(value)) === undefined) {
      const sentence = 'The currency is not one that ISO 4217 lists with minor units.';
      return [problem(pointer, 'unknown-currency', sentence)];
    }
    return value === first?.value
      ? []
      : [problem(pointer, 'mixed-currencies', 'A record has one currency.')];
  });
}

function serviceProblems(services: readonly Field[]): RecordProblem[] {
  const own = services.find(({ pointer }) => pointer === '/service');
  if (!own) return [];
  return services
    .filter(({ value }) => value !== own.value)
    .map(({ pointer }) =>
      problem(
        pointer,
        'mixed-services',
        `A record belongs to exactly one service, and ${partName(pointer)} names another one.`,
      ),
    );
}

/**
 * A payment counts from when it is taken in, so one that is only expected would open what it has not
 * paid for. The clock allows no tolerance: any would open something early.
 */
function futureProblems({ name, datedBy }: RecordType, body: JsonObject, now: Date) {
  if (!datedBy || (name !== 'payment' && name !== 'refund')) return [];
  const at = body[datedBy.member];
  if (typeof at === 'string' && new Date(at) <= now) return [];
  const sentence = `A ${name} is taken in once it has happened, and its instant is still to come.`;
  const future = problem(`/${datedBy.member}`, 'in-the-future', sentence);
  return [name === 'payment' ? { ...future, promise: 'P10' as const } : future];
}

/** A credit note lowers an invoice; what goes back of a payment names the payment. */
function creditNoteProblems({ name }: RecordType, body: JsonObject): RecordProblem[] {
  if (name !== 'refund') return [];
  const isNote = body['kind'] === 'credit-note';
  const needless = isNote ? 'payment' : 'invoice';
  if (needless in body) {
    const sentence = isNote
      ? 'A credit note lowers an invoice before it is paid: it names no payment.'
      : 'Only a credit note names an invoice.';
    return [problem(`/${needless}`, 'unexpected-field', sentence)];
  }
  if (!isNote || 'invoice' in body) return [];
  return [problem('/invoice', 'missing-field', 'A credit note names the invoice that it lowers.')];
}

/** A tax is part of what is paid or goes back: more of it than of that takes nothing back, or gives. */
function taxProblems({ name }: RecordType, body: JsonObject): RecordProblem[] {
  if (name !== 'payment' && name !== 'refund') return [];
  const minor = (field: string) => {
    const money = body[field] as JsonObject | undefined;
    return Number(money?.['amount'] ?? 0);
  };
  if (minor('tax') <= minor('amount')) return [];
  return [problem('/tax/amount', 'tax-above-amount', 'The tax is more than the amount.')];
}

/** Only a dispute can be won, after it was opened and once that has happened. */
function disputeProblems({ name }: RecordType, body: JsonObject, now: Date): RecordProblem[] {
  const { kind, refundedAt, wonAt } = body;
  if (name !== 'refund' || typeof wonAt !== 'string') return [];
  const field = '/wonAt';
  if (kind !== 'dispute') return [problem(field, 'no-dispute', 'Only a dispute can be won.')];
  if (typeof refundedAt === 'string' && new Date(wonAt) < new Date(refundedAt)) {
    return [problem(field, 'before-dispute', 'A dispute cannot be won before it was opened.')];
  }
  return new Date(wonAt) <= now
    ? []
    : [problem(field, 'in-the-future', 'A dispute is won once it has happened.')];
}

/** "/lines/2/service" → "line 3" */
function partName(pointer: string): string {
  const match = /^\/([A-Za-z0-9_-]+)\/([0-9]+)\//.exec(pointer);
  if (!match) return 'a part of it';
  const [, list = '', index = ''] = match;
  const number = String(Number(index) + 1);
  return list === 'lines' ? `line ${number}` : `item ${number} of "${list}"`;
}

function problem(field: string, reason: string, sentence: string): RecordProblem {
  return { field, reason, sentence };
}
