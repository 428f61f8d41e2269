import { fromBase64Url } from '../notes/index.ts';
import { fails } from './trust-rules.ts';

/** A line of an accounting, and what a line holds; where it holds something else nothing is proven. */
export type Line = Readonly<Record<string, unknown>>;

/** The lines of newline-delimited JSON. */
export function linesOf(text: string): Line[] {
  return text.split('\n').filter(Boolean).map(parsedLine);
}

export function textIn(line: Line, name: string): string {
  const value = line[name];
  return typeof value === 'string' ? value : fails(`a line lacks ${name}`);
}

export function wholeIn(line: Line, name: string): number {
  const value = line[name];
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  return isWhole ? value : fails(`a line lacks ${name}`);
}

export function bytesIn(line: Line, name: string): Uint8Array {
  return fromBase64Url(textIn(line, name)) ?? fails(`${name} is not base64url`);
}

export function objectIn(line: Line, name: string): Line {
  const value = line[name];
  return isLine(value) ? value : fails(`a line lacks ${name}`);
}

export function listIn(line: Line, name: string): Line[] {
  const value = line[name];
  if (!Array.isArray(value)) fails(`a line lacks ${name}`);
  return value.map((one: unknown) => (isLine(one) ? one : fails(`a line lacks ${name}`)));
}

/** The hashes that lead from a leaf to the root. */
export function pathIn(line: Line): Uint8Array[] {
  const value = line['path'];
  if (!Array.isArray(value)) fails('a line lacks its path');
  return value.map((one: unknown) => bytesIn({ path: one }, 'path'));
}

/** The calendar day so many days later. */
export function dayPlus(day: string, days: number): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  if (!Number.isFinite(at)) fails(`${day} is no day`);
  return new Date(at + days * 86_400_000).toISOString().slice(0, 10);
}

export function demand(holds: boolean, because: string): asserts holds {
  if (!holds) fails(because);
}

function parsedLine(text: string): Line {
  try {
    const value: unknown = JSON.parse(text);
    if (isLine(value)) return value;
  } catch {
    // Said below.
  }
  return fails('a line is not a JSON object');
}

function isLine(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
