/**
 * How ajv reads the schemas of this repository: strictly, but without asking the metaschema at every
 * start, which would take longer than to compile them. A test asks it of every one.
 */
export const ownSchemas = { strict: true, validateSchema: false, meta: false } as const;
