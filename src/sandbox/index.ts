/** Sandbox: made-up records in the forms of the real ones, for clients that try things out. Owns no table. */
export { sandboxed } from './sandbox-endpoints.ts';
