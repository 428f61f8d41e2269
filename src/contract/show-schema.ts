import type { Tools } from '../platform/tools.ts';
import { readableViews } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';

/**
 * The JSON Schema (2020-12) of what a caller can read now: for each record type the very form that
 * its records are held to before they leave. Shows no customer data, and no field that is hidden.
 */
export async function showSchema(
  tools: Tools,
  asked: { caller: Caller; view?: number | undefined },
): Promise<Record<string, unknown>> {
  const views = await readableViews(tools, asked);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'The records that you can read, by their type.',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(views.map(({ recordType, wire }) => [recordType, wire])),
  };
}
