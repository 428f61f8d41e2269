import {
  findCosignature,
  parseCosignerKey,
  wholeNumber,
  type NoteVerifier,
} from '../transparency/index.ts';

/** What a witness said to a checkpoint, as it came. */
export interface HeardAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** What it means: a cosignature that was verified, the size it last cosigned, or a no. */
export type Reading =
  { readonly cosigned: string } | { readonly lastSize: number } | { readonly refused: string };

/** Reads an answer about a checkpoint's note text; what does not verify by the witness's key is no cosignature. */
export function readAnswer(
  { status, type, text }: HeardAnswer,
  { text: cosigned, key }: { text: string; key: NoteVerifier },
): Reading {
  if (status === 200) {
    const found = isSignatures(text) ? findCosignature(`${cosigned}\n${text}`, key) : undefined;
    return found ? { cosigned: found.line } : { refused: 'its answer has no valid cosignature' };
  }
  if (status === 409 && type === 'text/x.tlog.size') {
    const lastSize = text.endsWith('\n') ? wholeNumber(text.slice(0, -1)) : undefined;
    return lastSize === undefined ? { refused: 'its answer has no size' } : { lastSize };
  }
  return { refused: reasons[status] ?? `it answered with ${String(status)}` };
}

/** Where the checkpoint is sent; undefined when the witness has no such address. */
export function addressOf(url: string): URL | undefined {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (!address || !/^https?:$/.test(address.protocol) || address.search || address.hash) {
    return undefined;
  }
  return new URL(`${address.href.replace(/\/$/, '')}/add-checkpoint`);
}

/** The key of a witness as text, which must be one; undefined otherwise. */
export const witnessKeyOf = parseCosignerKey;

const reasons: Readonly<Record<number, string>> = {
  400: 'it finds the request malformed (400)',
  403: 'it does not know the key of the log (403)',
  404: 'it does not know the log (404)',
  409: 'it has cosigned another root of that size (409)',
  422: 'it does not find the proof right (422)',
};

/** Lines of signatures alone: put behind a text, they change nothing of it. */
function isSignatures(text: string): boolean {
  return /^(— [^\n]+\n)+$/.test(text);
}
