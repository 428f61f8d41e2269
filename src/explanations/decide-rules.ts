import { refusalOf, type Choice } from '../choices/index.ts';
import type { RecordType } from '../catalogue/index.ts';
import { servicesShowing } from '../joint/index.ts';
import { agreementInForce } from '../agreements/index.ts';
import {
  classesFor,
  classesOfKind,
  dataClasses,
  policyInForce,
  promisesFor,
  purposes as allPurposes,
  type DataClass,
  type PromiseId,
  type Purpose,
} from '../policy/index.ts';
import type { HeldRecord, ServiceId } from '../records/index.ts';
import { standingOf } from '../relationships/index.ts';
import {
  classesOf,
  decideSharing,
  NoAgreement,
  NoPolicy,
  NoView,
  ViewNotServed,
  type Decision,
  type Denial,
  type Grant,
} from '../sharing/index.ts';
import { compileView, type CompiledView } from '../projection/index.ts';
import type { FieldDecision, Part, Step } from './explanation.ts';
import { parts } from './explanation.ts';
import type { KnownRelationship } from './history-rules.ts';

/** May this partner see this field of this customer? With all that was known at the moment. */
export interface FieldQuestion {
  readonly type: RecordType;
  readonly leaf: RecordType['leaves'][number];
  /** What the token is for; undefined: for all that the agreement names. */
  readonly purpose: string | undefined;
  /** The version of the view that is asked for. */
  readonly view: number | undefined;
  /** Undefined: it was no partner yet. */
  readonly grant: Grant | undefined;
  /** The customer's choices, in their order. */
  readonly choices: readonly Choice[];
  /** The partner's relationships with the customer. */
  readonly relationships: readonly KnownRelationship[];
  /** The customer's records of the type that come into question; undefined: not looked at. */
  readonly records: readonly HeldRecord[] | undefined;
  readonly timeZone: string;
  readonly moment: Date;
}

/**
 * Decides on one field of one customer by the very rules that the door goes by, and says what each
 * part had to say. Whatever is unknown, missing or over denies.
 */
export function decideField(question: FieldQuestion): FieldDecision {
  const rights = rightsTo(question);
  const scope = rights.scope?.services ?? null;
  const { records, step } = recordsStep(question, rights.scope);
  const steps = [
    ...rights.steps,
    choiceStep(question),
    relationshipStep(question, scope),
    ...(step ? [step] : []),
  ];
  const denied = steps.find(({ allowed }) => !allowed);
  if (denied) {
    const promises = denied.promise === null ? [] : [denied.promise];
    return { allowed: false, promises, because: denied.detail, steps, records: [] };
  }
  const because = 'Every part allows it.';
  return { allowed: true, promises: rights.promises, because, steps, records };
}

/** What the rights leave: the view, narrowed, and the services covered (null: all). */
interface Scope {
  readonly view: CompiledView;
  readonly services: readonly ServiceId[] | null;
}

interface Rights {
  readonly steps: readonly Step[];
  readonly promises: readonly PromiseId[];
  readonly scope?: Scope;
}

function rightsTo(question: FieldQuestion): Rights {
  const { type, leaf, grant, purpose, moment } = question;
  const denied = (part: Part, promise: PromiseId, detail: string): Rights => ({
    steps: [...stepsBefore(question, part), deny(part, promise, detail)],
    promises: [],
  });
  const { dataClass } = leaf;
  if (!grant) return denied('partner', 'P09', 'It was no partner yet.');
  if (dataClass === 'never') return denied('policy', 'P09', 'This field never leaves.');
  if (purpose !== undefined && !isPurpose(purpose)) {
    return purpose === 'marketing'
      ? denied('policy', 'P08', 'There is no purpose marketing.')
      : denied('policy', 'P09', 'There is no such purpose.');
  }
  const decide = (asked: readonly DataClass[]): Decision =>
    decideSharing({
      grant,
      scopes: dataClasses,
      purposes: purpose === undefined ? allPurposes : [purpose],
      asked,
      view: question.view,
      now: moment,
    });
  const whole = decide(classesOf(type));
  const decision = dataClass === 'reference' ? whole : decide([dataClass]);
  if (!decision.allowed) {
    const { part, detail } = placeOf(question, grant, decision.because);
    return denied(part, decision.because.promise, detail);
  }
  if (!whole.allowed) return denied('agreement', whole.because.promise, whole.because.detail);
  const { policy, view, classes, services } = whole;
  const bounds = { document: view.document, kind: grant.partner.kind, policy };
  const compiled = compileView(bounds, type, classes);
  const version = `Version ${String(view.version)} of the view`;
  if (!compiled?.fields.includes(nameOf(leaf)))
    return denied('view', 'P09', `${version} does not show this field.`);
  const steps = [...stepsBefore(question, 'view'), allow('view', `${version} shows this field.`)];
  const promises = promisesFor(
    policy,
    grant.partner.kind,
    dataClass === 'reference' ? [] : [dataClass],
  );
  return { steps, promises, scope: { view: compiled, services } };
}

/** Which part a denial came of, and what it lacked. */
function placeOf(
  { leaf, moment, purpose }: FieldQuestion,
  { partner, policies, agreements }: Grant,
  { kind, detail }: Denial,
): { part: Part; detail: string } {
  if (kind === NoPolicy) return { part: 'policy', detail };
  if (kind === NoAgreement) return { part: 'agreement', detail: 'No agreement is in force.' };
  if (kind === NoView) return { part: 'view', detail: 'No version of the view is served.' };
  if (kind === ViewNotServed) return { part: 'view', detail: 'This version is not served.' };
  if (partner.status !== 'active') return { part: 'partner', detail: `It is ${partner.status}.` };
  const policy = policyInForce(policies, moment)?.document;
  const terms = agreementInForce(agreements, moment)?.terms;
  const dataClass = leaf.dataClass as DataClass;
  if (!policy || !terms || leaf.dataClass === 'reference') {
    return { part: 'agreement', detail: 'Nothing of this record type is shared.' };
  }
  if (!classesOfKind(policy, partner.kind).includes(dataClass)) {
    return { part: 'policy', detail: `A ${partner.kind} partner never gets class ${dataClass}.` };
  }
  if (purpose !== undefined && !terms.purposes.some((one) => one === purpose)) {
    return { part: 'agreement', detail: `The agreement does not name the purpose ${purpose}.` };
  }
  const named = terms.purposes.filter((one) => purpose === undefined || one === purpose);
  if (!classesFor(policy, partner.kind, named).includes(dataClass)) {
    const detail = `Class ${dataClass} is for none of the purposes ${named.join(', ')}.`;
    return { part: 'policy', detail };
  }
  return terms.classes.includes(dataClass)
    ? {
        part: 'agreement',
        detail: `Class ${dataClass} needs a clause that the agreement does not name.`,
      }
    : { part: 'agreement', detail: `The agreement does not name class ${dataClass}.` };
}

/** What the parts before one said, which all allow. */
function stepsBefore({ grant, moment }: FieldQuestion, part: Part): Step[] {
  if (!grant) return [];
  const policy = policyInForce(grant.policies, moment);
  const agreement = agreementInForce(grant.agreements, moment);
  const until = agreement?.validUntil === null ? 'on' : `until ${agreement?.validUntil ?? ''}`;
  const all = [
    allow('partner', `It is active, of kind ${grant.partner.kind}.`),
    allow('policy', `Version ${policy?.version ?? ''} is in force.`),
    allow(
      'agreement',
      `Version ${String(agreement?.version ?? '')}, ` +
        `in force from ${agreement?.validFrom ?? ''} ${until}.`,
    ),
  ];
  return all.filter((step) => parts.indexOf(step.part) < parts.indexOf(part));
}

function choiceStep({ choices, grant, moment }: FieldQuestion): Step {
  const refusal = grant && refusalOf(choices, grant.partner.id, moment);
  if (!refusal) return allow('choice', 'The customer’s choices do not refuse it.');
  const whom = refusal.partnerId === null ? 'any partner' : 'this partner';
  const since = refusal.at.toISOString();
  return deny('choice', 'P32', `The customer refused sharing with ${whom} at ${since}.`);
}

function relationshipStep(
  { relationships, grant }: FieldQuestion,
  services: readonly ServiceId[] | null,
): Step {
  const beginning = grant?.partner.kind === 'integration' ? 'P15' : 'P10';
  const active = relationships.filter(({ relationship }) => relationship.isActive);
  const covered = active.find((one) => isCovered(services, one.relationship.serviceId));
  if (covered) {
    const since = covered.relationship.activatedAt?.toISOString() ?? '';
    return allow('relationship', `It is active; the customer is a paying one since ${since}.`);
  }
  if (active.length > 0)
    return deny('relationship', 'P11', 'The agreement does not cover its service.');
  const last =
    relationships.find(({ relationship }) => relationship.endedAt === null) ?? relationships.at(-1);
  if (!last) return deny('relationship', beginning, 'There is no relationship.');
  const standing = standingOf(last.relationship, last.booked);
  const promises = {
    'waiting for a payment': beginning,
    active: 'P11',
    'sharing refused': 'P32',
    'opted out': 'P32',
    suspended: 'P11',
    disconnected: beginning,
    ended: 'P11',
  } as const;
  const how = standing === 'ended' ? 'It has ended.' : `It stands as: ${standing}.`;
  return deny('relationship', promises[standing], how);
}

/** Which records show the field; only where the rights leave anything to show. */
function recordsStep(
  { type, leaf, records, relationships, timeZone }: FieldQuestion,
  scope: Scope | undefined,
): { records: readonly string[]; step?: Step } {
  if (!scope) return { records: [] };
  if (!records) {
    const detail = 'Whether there are such records is business data, which is not looked at.';
    return { records: [], step: allow('records', detail) };
  }
  const known = relationships.map(({ relationship }) => relationship);
  const joint = records.filter((record) =>
    servicesShowing(known, record, timeZone).some((one) => isCovered(scope.services, one)),
  );
  const showing = joint.filter(({ body }) => shows(body, { type, leaf, view: scope.view }));
  const keys = type.isBusiness ? [] : showing.map(({ key }) => key).sort();
  if (showing.length > 0) {
    const detail = type.isBusiness
      ? 'The record shows it.'
      : `${String(showing.length)} of ${String(records.length)} held shows it.`;
    return { records: keys, step: allow('records', detail) };
  }
  const detail =
    records.length === 0
      ? 'Nothing of this type was held of the customer.'
      : joint.length === 0
        ? 'Nothing lies within the relationship: its service and its time.'
        : 'Nothing within the relationship holds a value there.';
  const promise = records.length > 0 && joint.length === 0 ? 'P11' : null;
  return { records: [], step: { part: 'records', allowed: false, promise, detail } };
}

/** An id leaves only together with data; any field only where the record has it. */
function shows(
  body: HeldRecord['body'],
  { type, leaf, view }: { type: RecordType; leaf: FieldQuestion['leaf']; view: CompiledView },
): boolean {
  if (!holds(body, leaf.path)) return false;
  const data = type.members.filter(({ dataClass }) => dataClass !== 'reference');
  const isData = (field: string) => data.some(({ name }) => field.split('.')[0] === name);
  return view.fields.some((field) => isData(field) && holds(body, listOrLeaf(field)));
}

/** A list is shown, be it empty. */
function listOrLeaf(field: string): string[] {
  const path = field.split('.');
  const list = path.indexOf('*');
  return list === -1 ? path : path.slice(0, list);
}

function holds(value: unknown, [step, ...rest]: readonly string[]): boolean {
  if (value === undefined || value === null) return false;
  if (step === undefined) return true;
  if (step === '*') return Array.isArray(value) && value.some((item) => holds(item, rest));
  return typeof value === 'object' && Object.hasOwn(value, step)
    ? holds((value as Readonly<Record<string, unknown>>)[step], rest)
    : false;
}

function isCovered(services: readonly ServiceId[] | null, service: ServiceId): boolean {
  return services === null || services.includes(service);
}

function isPurpose(text: string): text is Purpose {
  return (allPurposes as readonly string[]).includes(text);
}

/** As views name it: "lines.*.amount". */
export function nameOf({ path }: FieldQuestion['leaf']): string {
  return path.join('.');
}

function allow(part: Part, detail: string): Step {
  return { part, allowed: true, promise: null, detail };
}

function deny(part: Part, promise: PromiseId, detail: string): Step {
  return { part, allowed: false, promise, detail };
}
