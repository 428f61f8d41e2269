import { existsSync, readFileSync } from 'node:fs';
import { test } from '@jest/globals';

/** Reference data beside the checkout; the project never needs it. */
const folder = new URL('../../../shared/', import.meta.url);

/** A file of the reference data as text. */
export function readReference(path: string): string {
  return readFileSync(new URL(path, folder), 'utf8');
}

/** Where a file or folder of the reference data is. */
export function referenceUrl(path: string): URL {
  return new URL(path, folder);
}

/** A test on reference data: skipped, and said so, where `path` is absent. */
export function referenceTest(
  path: string,
  name: string,
  body: () => void | Promise<void>,
  timeoutMs?: number,
): void {
  if (existsSync(new URL(path, folder))) test(name, body, timeoutMs);
  else test.skip(`${name} (skipped: ../shared/${path} is absent)`, body);
}
