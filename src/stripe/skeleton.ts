/** JSON without any text but ids, codes and the customer's key. */
export type Skeleton =
  string | number | boolean | null | readonly Skeleton[] | { readonly [name: string]: Skeleton };

/** What stands at a path of names; undefined where nothing does. */
export function at(value: Skeleton | undefined, ...path: readonly string[]): Skeleton | undefined {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined;
    const members = found as Readonly<Record<string, Skeleton>>;
    found = Object.hasOwn(members, name) ? members[name] : undefined;
  }
  return found;
}

export function textAt(
  value: Skeleton | undefined,
  ...path: readonly string[]
): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function numberAt(
  value: Skeleton | undefined,
  ...path: readonly string[]
): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The items of a list, or of the `data` of a list as Stripe pages it. */
export function listAt(
  value: Skeleton | undefined,
  ...path: readonly string[]
): readonly Skeleton[] {
  const found = at(value, ...path);
  if (Array.isArray(found)) return found as readonly Skeleton[];
  const data = at(found, 'data');
  return Array.isArray(data) ? (data as readonly Skeleton[]) : [];
}

/** The id of what is named or, expanded, stands there. */
export function idAt(value: Skeleton | undefined, ...path: readonly string[]): string | undefined {
  return textAt(value, ...path) ?? textAt(value, ...path, 'id');
}

export function idsAt(value: Skeleton | undefined, ...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => idAt(value, name) ?? []);
}

/** The sum of one number in each item of a list. */
export function sumAt(items: readonly Skeleton[], ...path: readonly string[]): number {
  return items.reduce((sum: number, item) => sum + (numberAt(item, ...path) ?? 0), 0);
}

/** Stripe's seconds as an instant. */
export function instantOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
