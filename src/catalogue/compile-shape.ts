import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { isDate, isInstant } from '../platform/calendar.ts';
import type { RecordType } from './record-type.ts';

// ownProperties: without it `required: ["toString"]` is satisfied by an empty object.
const ajv = new Ajv2020({ allErrors: true, strict: true, ownProperties: true });
ajv.addVocabulary(['x-class', 'x-refers-to', 'x-dated-by']);
ajv.addFormat('date', isDate).addFormat('date-time', isInstant);

const shapes = new WeakMap<RecordType, ValidateFunction>();

/** The compiled shape of a record type. Throws where ajv's strict mode refuses the schema. */
export function compileShape(type: RecordType): ValidateFunction {
  let shape = shapes.get(type);
  if (!shape) {
    // Without its $id: another catalogue may hold another schema of that name.
    const { $id: _, ...schema } = type.schema as unknown as Record<string, unknown>;
    shape = ajv.compile(schema);
    shapes.set(type, shape);
  }
  return shape;
}
