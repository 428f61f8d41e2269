import { createHash } from 'node:crypto';
import express, { type Express, type Request } from 'express';
import knexFactory, { type Knex } from 'knex';
import type { Login } from '../src/platform/database.ts';
import { forbidden, leftOut } from './views.ts';

interface Token {
  readonly partner_id: string;
}

interface Row {
  readonly customer_id: string;
  readonly source_key: string;
  readonly body: Record<string, unknown>;
}

/**
 * The app that an ordinary team would write on the same tables: a token look-up and a join through
 * knex, objects with the forbidden fields deleted, res.json. No log, no check on the way out, no
 * row-level security, the source's own ids; so it does less than ours for what it is compared by.
 */
export function baselineApp(login: Login): Express {
  const db = knexFactory({ client: 'pg', connection: { ...login }, pool: { min: 2, max: 10 } });
  const app = express();
  app.get('/v1/customers', async (request, response) => {
    const token = await findToken(db, request);
    if (!token) {
      response.status(401).json({ error: 'unauthorized' });
      return;
    }
    const { limit: asked, cursor } = request.query;
    const limit = Math.min(Number(asked ?? 100), 1000);
    const query = db('relationships')
      .join('customers', 'customers.customer_id', 'relationships.customer_id')
      .join('records', 'records.customer_id', 'customers.customer_id')
      .select<Row[]>('customers.customer_id', 'records.source_key', 'records.body')
      .where('relationships.partner_id', token.partner_id)
      .where('relationships.is_active', true)
      .where('records.record_type', 'customer')
      .whereNull('records.valid_to')
      .orderBy('relationships.customer_id')
      .limit(limit + 1);
    if (typeof cursor === 'string') void query.where('relationships.customer_id', '>', cursor);
    const rows = await query;
    const page = rows.slice(0, limit);
    const next = rows.length > limit ? page.at(-1)?.customer_id : null;
    response.json({ data: page.map(customerOf), next });
  });
  return app;
}

async function findToken(db: Knex, request: Request): Promise<Token | undefined> {
  const secret = request.get('authorization')?.replace(/^Bearer /, '') ?? '';
  return db('tokens')
    .join('clients', 'clients.client_id', 'tokens.client_id')
    .join('partners', 'partners.id', 'tokens.partner_id')
    .select('tokens.partner_id')
    .where('tokens.secret_hash', createHash('sha256').update(secret).digest())
    .where('tokens.expires_at', '>', new Date())
    .whereNull('tokens.revoked_at')
    .where({ 'clients.status': 'active', 'partners.status': 'active' })
    .first<Token | undefined>();
}

function customerOf({ body, source_key: id }: Row): Record<string, unknown> {
  const customer: Record<string, unknown> = { ...body, id };
  for (const name of forbidden) Reflect.deleteProperty(customer, name);
  for (const path of leftOut) deleteAt(customer, path);
  return customer;
}

function deleteAt(object: Record<string, unknown>, [name = '', ...rest]: readonly string[]): void {
  const inner = object[name];
  if (rest.length === 0) Reflect.deleteProperty(object, name);
  else if (typeof inner === 'object' && inner !== null) {
    deleteAt(inner as Record<string, unknown>, rest);
  }
}
