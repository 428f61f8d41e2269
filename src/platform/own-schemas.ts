/**
 * How ajv reads the schemas of this repository: strictly, but without asking the metaschema at every
 * start, which would take longer than to compile them. A test asks it of every one. Nor is the code
 * that it makes optimized: that takes a third of the time to compile, and V8 does it again.
 */
export const ownSchemas = {
  strict: true,
  validateSchema: false,
  meta: false,
  code: { optimize: false },
} as const;
