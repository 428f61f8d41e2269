import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import type { Express } from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { accrueFees } from '../../src/fees/index.ts';
import { createGateway, partnerApi } from '../../src/gateway.ts';
import { operatorEndpoints } from '../../src/operator/index.ts';
import { publishView } from '../../src/views/index.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  invoice,
  payment,
  refund,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

const recordTypesDir = fileURLToPath(new URL('../../examples/northwind/records', import.meta.url));

interface Operation {
  readonly summary: string;
  readonly security: readonly Record<string, readonly string[]>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Record<string, unknown>;
  }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Record<string, { schema: Record<string, unknown> }> }>
  >;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>;
    readonly securitySchemes: {
      readonly oauth2: { flows: { clientCredentials: { scopes: object } } };
    };
  };
}

let house: House;
let gateway: Express;
let bright: GivenPartner;
let linked: GivenPartner;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  house = await openHouse({ settings: { recordTypesDir } });
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
  linked = await givenPartner(house.tools, {
    key: 'linked',
    kind: 'integration',
    classes: ['contact', 'account', 'financial', 'billing', 'business'],
    purposes: ['identity', 'billing', 'fees', 'integration'],
    view: { customer: true, invoice: { properties: { number: true, lines: true } }, order: true },
  });
  await givenRecords(house.tools, [
    service(),
    ...['ada', 'ben'].flatMap((id) => [
      customer(id),
      invoice(`i-${id}`, id, { lines: [{ amount: { amount: 1, currency: 'EUR' } }] }),
      payment(`p-${id}`, id),
    ]),
    refund('r-ben', 'ben', 'p-ben'),
    ['order', order('o-ada', 'ada')],
  ]);
  for (const { partner } of [bright, linked])
    for (const id of ['ada', 'ben']) await givenRelationship(house.tools, partner, id);
  await accrueFees(house.tools, {});
  tokens['bright'] = await givenToken(gateway, bright);
  tokens['linked'] = await givenToken(gateway, linked);
});
afterAll(() => house.close());

const order = (id: string, of: string) => ({
  id,
  customer: of,
  service: 'store',
  orderedOn: '2026-03-01',
  lines: [],
});

const get = (path: string, who: string) =>
  request(gateway)
    .get(path)
    .auth(tokens[who] ?? who, { type: 'bearer' });
const documentOf = async (who: string): Promise<Document> =>
  (await get('/v1/openapi.json', who)).body as Document;
const publicDocument = async (): Promise<Document> =>
  (await request(gateway).get('/openapi.json')).body as Document;

/** Express's own list of routes: each with its path, mounted ones below their router. */
function routesOf(stack: readonly unknown[]): { path: string; methods: string[] }[] {
  return stack.flatMap((layer) => {
    const { route, handle } = layer as {
      route?: { path: string; methods: Record<string, boolean> };
      handle: { stack?: readonly unknown[] };
    };
    if (route) return [{ path: route.path, methods: Object.keys(route.methods) }];
    return handle.stack ? routesOf(handle.stack) : [];
  });
}

const braced = (path: string) => path.replaceAll(/[:*]([A-Za-z]+)/g, '{$1}');

test('every route of the router stands in the documents, and every path of a document is a route', async () => {
  // Asked by what watches the process and by visitors who follow a link, not by partners.
  const notForPartners = [
    ...['/healthz', '/readyz', '/r/:code'],
    ...operatorEndpoints(house.tools).flatMap(({ path }) => (path === '/me' ? [] : [path])),
  ].map(braced);
  const routes = routesOf((gateway as unknown as { router: { stack: unknown[] } }).router.stack)
    .map(({ path }) => braced(path))
    .filter((path) => !notForPartners.includes(path));
  expect(routes.length).toBeGreaterThan(40);
  const { tables, oauth } = partnerApi(house.tools);
  const known = [
    ...tables.flatMap(({ base, lines }) => lines.map(({ path }) => braced(base + path))),
    ...oauth.map(({ path }) => path),
  ].sort();
  for (const document of [await publicDocument(), await documentOf('bright')]) {
    const paths = Object.keys(document.paths);
    for (const route of routes) {
      expect([route, paths.some((path) => path.endsWith(route))]).toEqual([route, true]);
    }
    expect([...paths].sort()).toEqual([...new Set(known)]);
  }
});

test('a list tells of its stream and of the version of the view that can be asked for', async () => {
  const { paths } = await documentOf('bright');
  const list = paths['/v1/invoices']?.['get'];
  expect(list?.parameters).toContainEqual(
    expect.objectContaining({ name: 'sluice-view', in: 'header' }),
  );
  expect(Object.keys(list?.responses['200']?.content ?? {})).toEqual([
    'application/json',
    'application/x-ndjson',
  ]);
});

/** What OpenAPI 3.1 asks of the parts that we write. */
const openapiRules = {
  type: 'object',
  required: ['openapi', 'info', 'paths', 'components'],
  properties: {
    openapi: { const: '3.1.0' },
    info: { type: 'object', required: ['title', 'version'] },
    servers: { type: 'array', items: { type: 'object', required: ['url'] } },
    paths: {
      type: 'object',
      propertyNames: { pattern: '^/' },
      additionalProperties: {
        type: 'object',
        propertyNames: { enum: ['get', 'post', 'put', 'patch', 'delete'] },
        additionalProperties: {
          type: 'object',
          required: ['summary', 'security', 'responses'],
          properties: {
            summary: { type: 'string', minLength: 10 },
            security: { type: 'array', items: { type: 'object' } },
            parameters: {
              type: 'array',
              items: {
                type: 'object',
                required: ['name', 'in', 'required', 'schema'],
                properties: {
                  name: { type: 'string' },
                  in: { enum: ['path', 'query', 'header'] },
                  required: { type: 'boolean' },
                  description: { type: 'string' },
                  schema: { type: 'object' },
                },
                additionalProperties: false,
              },
            },
            requestBody: { type: 'object', required: ['content'] },
            responses: {
              type: 'object',
              minProperties: 1,
              propertyNames: { pattern: '^[1-5][0-9]{2}$' },
              additionalProperties: {
                type: 'object',
                required: ['description'],
                properties: {
                  description: { type: 'string', minLength: 1 },
                  headers: { type: 'object' },
                  content: {
                    type: 'object',
                    additionalProperties: { type: 'object', required: ['schema'] },
                  },
                },
                additionalProperties: false,
              },
            },
          },
          additionalProperties: false,
        },
      },
    },
    components: { type: 'object' },
  },
};

const operationsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

test('the documents are what OpenAPI 3.1 asks for, and every schema in them compiles', async () => {
  const isOpenapi = new Ajv2020({ strict: false }).compile(openapiRules);
  for (const document of [
    await publicDocument(),
    await documentOf('bright'),
    await documentOf('linked'),
  ]) {
    isOpenapi(document);
    expect(isOpenapi.errors).toBeNull();
    expect(JSON.stringify(document)).not.toMatch(/"\$id"|"x-class"/);
    const scopes = Object.keys(
      document.components.securitySchemes.oauth2.flows.clientCredentials.scopes,
    );
    for (const { path, operation } of operationsOf(document)) {
      const inPath = [...path.matchAll(/\{([A-Za-z]+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((one) => one.in === 'path');
      expect([path, declared.map(({ name }) => name)]).toEqual([path, inPath]);
      const asked = operation.security.flatMap(({ oauth2 = [] }) => oauth2);
      expect(scopes).toEqual(expect.arrayContaining(asked));
      for (const { content = {} } of Object.values(operation.responses)) {
        for (const { schema } of Object.values(content)) validatorOf(document, schema);
      }
    }
  }
});

/** A validator of one schema of a document, made once; its references lead into the document. */
function validatorOf({ components }: Document, schema: Record<string, unknown>): ValidateFunction {
  const text = JSON.stringify(schema);
  const known = validators.get(text);
  if (known) return known;
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  addFormatsModule.default(ajv);
  for (const [name, component] of Object.entries(components.schemas)) {
    ajv.addSchema(component as object, `urn:component:${name}`);
  }
  const inside: unknown = JSON.parse(text.replaceAll('#/components/schemas/', 'urn:component:'));
  const validator = ajv.compile(inside as object);
  validators.set(text, validator);
  return validator;
}

const validators = new Map<string, ValidateFunction>();

test.each(['bright', 'linked'])(
  'every answer of a walk of %s has the form that its own document gives, refusals too',
  async (who) => {
    const document = await documentOf(who);
    const check = async (path: string, target: string) => {
      const answer = await get(target, who);
      const response = document.paths[path]?.['get']?.responses[String(answer.status)];
      const media = String(answer.headers['content-type']).replace(/;.*/, '');
      const schema = response?.content?.[media]?.schema;
      expect([target, answer.status, media, schema !== undefined]).toEqual([
        target,
        answer.status,
        media,
        true,
      ]);
      const validate = validatorOf(document, schema ?? {});
      validate(media.endsWith('json') ? answer.body : answer.text);
      expect([target, validate.errors]).toEqual([target, null]);
      return answer.body as { data?: { id: string }[] };
    };
    const asked: string[] = [];
    for (const { path, method, operation } of operationsOf(document)) {
      if (method !== 'get') continue;
      const type = operation.parameters?.find(({ name }) => name === 'type');
      const types = (type?.schema['enum'] as string[] | undefined) ?? ['nonsense'];
      for (const target of types.map((one) => path.replace('{type}', one))) {
        asked.push(target);
        if (target.includes('{')) {
          await check(path, target.replaceAll(/\{[a-z]+\}/g, 'nothing'));
          continue;
        }
        const { data } = await check(path, target);
        await check(path, `${target}?nonsense=1`);
        const single = `${path}/{id}`;
        for (const { id } of (data ?? []).slice(0, 2)) {
          if (document.paths[single]) await check(single, `${target}/${id}`);
        }
      }
    }
    expect(asked).toContain('/v1/records/customer');
    expect(asked.includes('/v1/records/order')).toBe(who === 'linked');
  },
);

test('the schema is the form of what the caller can read now: of its view, its token and no more', async () => {
  const schemaOf = async (who: string) =>
    (await get('/v1/schema', who)).body as { properties: Record<string, unknown> };
  expect(Object.keys((await schemaOf('bright')).properties)).toEqual([
    'customer',
    'invoice',
    'payment',
    'refund',
  ]);
  const narrow = await givenToken(gateway, bright, { scope: 'account' });
  const { properties } = await schemaOf(narrow);
  expect(properties).toEqual({
    customer: expect.objectContaining({
      properties: { id: expect.any(Object), account: expect.any(Object) },
    }),
  });
  const isSchema = new Ajv2020({ strict: true }).compile(await schemaOf('linked'));
  const { data } = (await get('/v1/records/order', 'linked')).body as { data: unknown[] };
  expect(data).toHaveLength(1);
  expect(isSchema({ order: data[0] })).toBe(true);
  expect(isSchema({ order: { ...(data[0] as object), hidden: 1 } })).toBe(false);
});

test('promise P09: a field that a view does not list stands in no document of the partner', async () => {
  const fields = ['number', 'dueOn', 'billTo', 'issuedOn', 'net', 'tax'];
  const probe = await givenPartner(house.tools, { key: 'probe' });
  tokens['probe'] = await givenToken(gateway, probe);
  await fc.assert(
    fc.asyncProperty(fc.subarray(fields, { minLength: 1 }), async (listed) => {
      const properties = Object.fromEntries(listed.map((name) => [name, true]));
      await publishView(house.tools, {
        partner: probe.partner,
        draft: { type: 'object', properties: { invoice: { properties } } },
      });
      const schema = (await get('/v1/schema', 'probe')).body as {
        properties: { invoice: { properties: object } };
      };
      expect(Object.keys(schema.properties)).toEqual(['invoice']);
      const shown = Object.keys(schema.properties.invoice.properties);
      expect(shown.sort()).toEqual(['id', ...listed].sort());
      const text = JSON.stringify(await documentOf('probe'));
      for (const name of ['dueOn', 'net']) {
        expect([name, text.includes(name)]).toEqual([name, listed.includes(name)]);
      }
      expect(text).not.toMatch(/orderedOn|shipper|taxNumber|familyName|processorFee|"order"/);
    }),
    { numRuns: 15 },
  );
});
