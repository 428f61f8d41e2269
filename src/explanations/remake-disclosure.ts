import { catalogueOf } from '../catalogue/index.ts';
import { findDisclosureOwner, readEvidence } from '../disclosures/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import { findPartner, type PartnerId } from '../partners/index.ts';
import { groupBy } from '../platform/group.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findPolicyVersions } from '../policy/index.ts';
import { findRecordVersions, type CustomerId } from '../records/index.ts';
import { findTokenPurposes } from '../tokens/index.ts';
import { narrowType } from '../projection/index.ts';
import { findViews } from '../views/index.ts';
import { NotOfRecords } from './explanation.ts';
import {
  bodiesOf,
  findSubjects,
  type EntryText,
  type Lens,
  type RemadeRecord,
} from './remake-rules.ts';

/** A disclosure made again, or why it cannot be. */
export type Remade =
  | { readonly made: true; readonly id: string; readonly records: number; readonly body: Buffer }
  | {
      readonly made: false;
      readonly id: string;
      /** Places in the entry's subject list, from 1, whose record has no version that fits. */
      readonly subjects: readonly number[];
      readonly because: string;
    };

/**
 * Makes the body of a past disclosure of records again, byte for byte, from the record versions, the
 * view and the policy of its entry, and proves it by the hashes that the entry commits to. What was
 * changed or erased meanwhile is told by its place, never by its content. Refuses
 * `unknown-disclosure`, and `not-of-records` for a disclosure of anything else.
 */
export async function remakeDisclosure(tools: Tools, { id }: { id: string }): Promise<Remade> {
  const { db, settings } = tools;
  const recipientId = await findDisclosureOwner(tools, id);
  const evidence = await readEvidence(tools, { recipientId, id });
  const entry = JSON.parse(evidence.entry) as EntryText;
  const lens = await lensOf(tools, recipientId as PartnerId, entry);
  if (typeof lens === 'string') return { made: false, id, subjects: [], because: lens };
  const found = new Map<number, RemadeRecord | undefined>();
  const placed = evidence.subjects.map((subject, place) => ({ ...subject, place }));
  for (const [customerId, leaves] of groupBy(placed, (leaf) => leaf.customerId)) {
    const places = leaves.map(({ place }) => place);
    const versions =
      customerId === null
        ? []
        : await findRecordVersions(db, {
            ...{ customerId: customerId as CustomerId, type: entry.recordType },
          });
    const records = findSubjects(lens, { versions, places }, evidence);
    for (const [i, place] of places.entries()) found.set(place, records[i]);
  }
  const missing = placed.filter(({ place }) => !found.get(place));
  if (missing.length > 0) {
    const because = 'no version of a record has the hash of these subjects';
    return { made: false, id, subjects: missing.map(({ place }) => place + 1), because };
  }
  const records = [...found.values()].filter((one) => one !== undefined);
  const ofToken = await findTokenPurposes(db, entry.token);
  const body = bodiesOf(records, {
    ...{ entry, lens, filters: evidence.filters, cursorKey: settings.keys.cursor },
    purposes: [...(ofToken ? [ofToken] : []), entry.purpose],
  }).find(evidence.isBody);
  return body
    ? { made: true, id, records: records.length, body }
    : { made: false, id, subjects: [], because: 'what stood around the records is not known' };
}

/** What the entry was made through; a text that says what of it is gone. */
export async function lensOf(
  { db, settings }: Tools,
  partnerId: PartnerId,
  entry: EntryText,
): Promise<Lens | string> {
  const type = catalogueOf(settings).types.get(entry.recordType);
  if (!type || !['pull', 'stream'].includes(entry.channel)) throw new Refusal(NotOfRecords);
  const partner = await findPartner(db, partnerId);
  const versions = await findPolicyVersions(db);
  const policy = versions.find(({ version }) => version === entry.policy.version)?.document;
  const views = await findViews(db, partnerId);
  const view = views.find(({ version }) => version === entry.view.version);
  if (!partner || !policy) return 'its policy or its partner is gone';
  if (view?.digest !== entry.view.digest) return 'its view is gone';
  const narrowed = narrowType(view.document, type, {
    ...{ classes: entry.classes, fields: entry.fields ?? undefined },
  });
  if (!narrowed) return 'its view shows nothing of the record type today';
  const pairwise = pairwiseOf(settings.keys.pairwise, partnerId);
  return { type, partner, policy, narrowed, pairwise };
}
