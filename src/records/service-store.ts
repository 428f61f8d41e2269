import { queryNamed, type Database, type Transaction } from '../platform/database.ts';
import type { CheckedRecord, RecordId, Service, ServiceId } from './record.ts';
import type { StandingRecord } from './storage-rules.ts';

/** The service with this key of the source. */
export async function findServiceByKey(
  db: Database | Transaction,
  key: string,
): Promise<Service | undefined> {
  const [service] = await queryNamed<Service>(db, serviceByKey, [key]);
  return service;
}

/** The service with this id. */
export async function findService(
  db: Database | Transaction,
  id: ServiceId,
): Promise<Service | undefined> {
  const [service] = await queryNamed<Service>(db, serviceById, [id]);
  return service;
}

/** All services, by key. */
export async function findServices(db: Database | Transaction): Promise<Service[]> {
  return queryNamed<Service>(db, allServices, []);
}

/** Of the services these records are or name, those we hold, and whether they are held as given. */
export async function findStandingServices(
  tx: Transaction,
  records: readonly CheckedRecord[],
): Promise<Map<ServiceId, StandingRecord & { recordId: RecordId }>> {
  const given = new Map(records.map(({ serviceId }) => [serviceId, null as CheckedRecord | null]));
  for (const record of records) if (record.type === 'service') given.set(record.serviceId, record);
  given.delete(null);
  if (given.size === 0) return new Map();
  const texts = (member: string) => [...given.values()].map((one) => textOf(one, member));
  const rows = await queryNamed<{ id: ServiceId & RecordId; is_same: boolean }>(tx, standing, [
    [...given.keys()],
    texts('code'),
    texts('name'),
  ]);
  const none = { customerId: null, currency: null, amountMinor: null, datedAt: null };
  return new Map(
    rows.map(({ id, is_same: isSame }) => [id, { ...none, recordId: id, serviceId: id, isSame }]),
  );
}

/** Adds these services, and gives those we hold their new code and name. */
export async function writeServices(
  tx: Transaction,
  services: readonly CheckedRecord[],
): Promise<void> {
  if (services.length === 0) return;
  await queryNamed(tx, upsert, [
    services.map(({ serviceId }) => serviceId),
    services.map(({ key }) => key),
    services.map((service) => textOf(service, 'code')),
    services.map((service) => textOf(service, 'name')),
  ]);
}

function textOf(record: CheckedRecord | null, member: string): string | null {
  const value = record?.body[member];
  return typeof value === 'string' ? value : null;
}

const columns = 'services.id, services.key, services.code, services.name';

const serviceByKey = {
  name: 'service-by-key',
  text: `select ${columns} from services where services.key = $1`,
};

const serviceById = {
  name: 'service-by-id',
  text: `select ${columns} from services where services.id = $1`,
};

const allServices = {
  name: 'all-services',
  text: `select ${columns} from services order by services.key collate "C"`,
};

const standing = {
  name: 'standing-services',
  text: `
    select services.id, (services.code, services.name) = (given.code, given.name) as is_same
    from unnest($1::uuid[], $2::text[], $3::text[]) as given (id, code, name)
    join services on services.id = given.id`,
};

const upsert = {
  name: 'upsert-services',
  text: `
    insert into services (id, key, code, name)
    select given.id, given.key, given.code, given.name
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as given (id, key, code, name)
    order by given.id
    on conflict (id) do update set code = excluded.code, name = excluded.name`,
};
