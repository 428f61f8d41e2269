import {
  catalogueOf,
  type Catalogue,
  type FieldClass,
  type RecordType,
} from '../catalogue/index.ts';
import {
  agreementInForce,
  classesAgreed,
  findAgreementVersions,
  type AgreementVersion,
} from '../agreements/index.ts';
import { type Partner } from '../partners/index.ts';
import type { Database } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { readPolicy, type DataClass, type Policy } from '../policy/index.ts';
import { serviceIdOf, type CustomerId } from '../records/index.ts';
import { compareViews, isWidening } from './comparison-rules.ts';
import { compileView, type CompiledView } from '../projection/index.ts';
import { countExtent, type FieldExtent, type Reach } from './extent-store.ts';
import { latestView, viewServed } from './lifecycle-rules.ts';
import { checkView } from './publish-view.ts';
import { findViews } from './view-store.ts';
import { type ViewDocument } from '../projection/index.ts';
import { InvalidView } from './view.ts';

/** What a draft would change for one field, were it in force now. */
export interface FieldChange extends FieldExtent {
  readonly recordType: string;
  readonly dataClass: FieldClass;
  /** `same`: listed before and after, but on other records. */
  readonly change: 'added' | 'removed' | 'same';
}

export interface ViewDiff {
  /** The version that is served now. */
  readonly before: number | null;
  /** Whether the draft shows anything that the latest version does not: a second person decides. */
  readonly isWidening: boolean;
  readonly changes: readonly FieldChange[];
  /** The customers of whom something is gained, or lost. */
  readonly gaining: readonly CustomerId[];
  readonly losing: readonly CustomerId[];
}

/**
 * The exact change that a draft would make, before it acts: what the partner could read through it,
 * with the whole agreement in force, beside what it can read now; for each field how many of its
 * joint records and customers gain or lose a value. Refuses a draft that cannot be published.
 */
export async function diffView(
  tools: Tools,
  { partner, draft, at }: { partner: Partner; draft: unknown; at?: Date | undefined },
): Promise<ViewDiff> {
  const { document, problems } = await checkView(tools, { partner, draft, at });
  const problem = problems[0];
  if (problem) throw new Refusal(InvalidView, problem.detail, problem);
  const versions = await findViews(tools.db, partner.id);
  const served = viewServed(versions, { now: tools.clock.now() });
  const { reach, classes } = await reachOf(tools, partner);
  const bounds = { kind: partner.kind, policy: await readPolicy(tools.db) };
  const fieldsOf = fieldsUnder(catalogueOf(tools.settings), bounds, classes);
  const [was, willBe] = [fieldsOf(served?.document), fieldsOf(document)];
  const changes: FieldChange[] = [];
  const [gaining, losing] = [new Set<CustomerId>(), new Set<CustomerId>()];
  for (const type of catalogueOf(tools.settings).types.values()) {
    const [before, after] = [was.get(type.name) ?? [], willBe.get(type.name) ?? []];
    const extent = await countExtent(tools.db, reach, type, { before, after });
    for (const one of extent.gaining) gaining.add(one);
    for (const one of extent.losing) losing.add(one);
    for (const field of extent.fields) {
      const change = changeOf(before.includes(field.field), after.includes(field.field));
      if (change === 'same' && field.recordsGained + field.recordsLost === 0) continue;
      const leaf = type.leaves.find(({ path }) => path.join('.') === field.field);
      const dataClass = leaf?.dataClass ?? 'never';
      changes.push({ recordType: type.name, dataClass, change, ...field });
    }
  }
  return {
    before: served?.version ?? null,
    isWidening: isWidening(compareViews(latestView(versions)?.document, document)),
    changes,
    gaining: [...gaining],
    losing: [...losing],
  };
}

/** What the agreement in force lets a partner's reads reach; nothing without one. */
export async function reachOf(
  tools: { db: Database; clock: Tools['clock'] },
  partner: Partner,
): Promise<{ reach: Reach; classes: DataClass[]; agreement: AgreementVersion | undefined }> {
  const agreements = await findAgreementVersions(tools.db, partner.id);
  const agreement = agreementInForce(agreements, tools.clock.now());
  const covered = agreement?.terms.services ?? [];
  return {
    reach: {
      partnerId: partner.id,
      services: covered === 'all' ? null : covered.map(serviceIdOf),
    },
    classes: agreement
      ? classesAgreed(await readPolicy(tools.db), partner.kind, agreement.terms)
      : [],
    agreement,
  };
}

function fieldsUnder(
  catalogue: Catalogue,
  bounds: { kind: Partner['kind']; policy: Policy },
  classes: readonly DataClass[],
) {
  return (document: ViewDocument | undefined): Map<string, readonly string[]> => {
    const types = document ? [...catalogue.types.values()] : [];
    return new Map(
      types.map((type) => {
        const view = document && compileView({ document, ...bounds }, type, classes);
        return [type.name, view ? fieldsThatLeave(type, view) : []];
      }),
    );
  };
}

/** A reference inside a member of a class leaves only where a field of that class does. */
export function fieldsThatLeave(type: RecordType, { fields, classes }: CompiledView): string[] {
  const leaving = new Set<string>(['reference', ...classes]);
  const members = type.members.filter(({ dataClass }) => leaving.has(dataClass));
  const names = new Set(members.map(({ name }) => name));
  return fields.filter((field) => names.has(field.split('.')[0] ?? ''));
}

function changeOf(wasListed: boolean, isListed: boolean): FieldChange['change'] {
  if (wasListed === isListed) return 'same';
  return isListed ? 'added' : 'removed';
}
