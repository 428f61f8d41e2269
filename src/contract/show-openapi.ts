import { catalogueOf } from '../catalogue/index.ts';
import { openapiOf, type DocumentedLine, type JsonObject } from '../platform/http/openapi.ts';
import { readSchema } from '../platform/schemas.ts';
import type { Tools } from '../platform/tools.ts';
import { pageOf, readableViews } from '../sharing/index.ts';
import { scopes, type Caller } from '../tokens/index.ts';
import type { CompiledView } from '../projection/index.ts';
import type { Api } from './api.ts';

/** The OpenAPI document of the whole partner API, for everybody: of records no more than their id. */
export function showOpenapi({ settings }: Tools, api: Api): Promise<JsonObject> {
  const { types } = catalogueOf(settings);
  const classesOf = (name: string) =>
    new Set((types.get(name)?.leaves ?? []).map(({ dataClass }) => dataClass));
  return Promise.resolve(
    openapiOf({
      ...frame(settings.origin, api),
      description:
        'All that a partner can ask. Which records and fields it sees, its own document says.',
      scopes: described(scopes),
      answerOf: (line) => (isSingle(line) ? anyRecord : pageOf(anyRecord)),
      scopesOf: ({ answers = '' }) =>
        scopes.filter((one) => one !== 'fees' && classesOf(answers).has(one)),
    }),
  );
}

/** The OpenAPI document of a caller's own API: the forms in which it is answered now. */
export async function showOwnOpenapi(
  tools: Tools,
  api: Api,
  { caller, view }: { caller: Caller; view?: number | undefined },
): Promise<JsonObject> {
  const views = await readableViews(tools, { caller, view });
  const viewsFor = ({ answers }: DocumentedLine) =>
    views.filter(({ recordType }) => answers === 'any' || answers === recordType);
  return openapiOf({
    ...frame(tools.settings.origin, api),
    description: `What ${caller.partnerName} can ask with this token, and how it is answered.`,
    scopes: described([...new Set([...caller.scopes, 'fees'])]),
    answerOf: (line) => oneOf(viewsFor(line), isSingle(line)),
    scopesOf: (line) => (line.answers === 'any' ? [] : (viewsFor(line)[0]?.classes ?? [])),
    pathParameter: (line, name) => {
      const names = viewsFor(line).map(({ recordType }) => recordType);
      return name === 'type' && names.length > 0 ? { type: 'string', enum: names } : undefined;
    },
  });
}

const anyRecord = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } };

function frame(origin: string, { tables, oauth }: Api) {
  const schemaNamed = (name: string) => readSchema(name) as JsonObject;
  return { title: 'Partner API', version: '1', origin, tables, oauth, schemaNamed };
}

function isSingle({ path }: DocumentedLine): boolean {
  return path.endsWith('/:id');
}

/** The form of one record or of a page, of whichever type is asked for. */
function oneOf(views: readonly CompiledView[], single: boolean): JsonObject | undefined {
  const forms = views.map(({ wire }) => (single ? wire : pageOf(wire)));
  return forms.length > 1 ? { anyOf: forms } : forms[0];
}

function described(names: readonly string[]): Record<string, string> {
  const of = (name: string) =>
    name === 'fees' ? 'The partner’s own fees.' : `Data of class ${name}, where it is shared.`;
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}
