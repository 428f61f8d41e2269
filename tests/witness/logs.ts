import {
  checkpointText,
  consistencyPath,
  leafHash,
  noteSigner,
  rootOf,
  signNote,
} from '../../src/transparency/index.ts';

/** A log of a test: any number of leaves, and forks of it that differ from one leaf on. */
export interface TestLog {
  readonly origin: string;
  readonly vkey: string;
  /** The signed checkpoint at a size; of a fork when leaves from `forkAt` on are others. */
  note(size: number, forkAt?: number): string;
  path(from: number, size: number, forkAt?: number): Buffer[];
  /** The body of a request. */
  asks(from: number, size: number, forkAt?: number): string;
}

export function testLog(origin = 'log.example/head', seed = 7): TestLog {
  const signer = noteSigner(origin, Buffer.alloc(32, seed));
  const made = new Map<number, Buffer[]>();
  const leaves = (size: number, forkAt = Infinity) => {
    const known = made.get(forkAt) ?? [];
    made.set(forkAt, known);
    for (let i = known.length; i < size; i += 1) {
      known.push(leafHash(Buffer.from(`${origin} ${i} ${i >= forkAt ? `fork at ${forkAt}` : ''}`)));
    }
    return known.slice(0, size);
  };
  const note = (size: number, forkAt?: number) =>
    signNote(checkpointText({ origin, size, root: rootOf(leaves(size, forkAt)) }), signer);
  const path = (from: number, size: number, forkAt?: number) =>
    from === 0 ? [] : consistencyPath(leaves(size, forkAt), from);
  return {
    origin,
    vkey: signer.verifierKey,
    note,
    path,
    asks: (from, size, forkAt) => bodyOf(from, path(from, size, forkAt), note(size, forkAt)),
  };
}

/** As tlog-witness writes it, in the test's own words. */
export function bodyOf(old: number | string, path: readonly Buffer[], note: string): string {
  return [`old ${old}`, ...path.map((hash) => hash.toString('base64')), '', note].join('\n');
}
