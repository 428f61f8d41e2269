/** An answer that is sent as it is: the bytes were made, checked and logged by the act. */
export interface BytesAnswer {
  readonly is: 'bytes';
  readonly body: Buffer;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How many records it shows. */
  readonly records?: number;
}

/** Makes an answer of finished bytes, for what is disclosed and for texts that are not JSON values. */
export function bytesAnswer(answer: {
  body: Buffer;
  contentType: string;
  headers?: Readonly<Record<string, string>>;
  records?: number;
}): BytesAnswer {
  return { is: 'bytes', headers: {}, ...answer };
}

export function isBytesAnswer(value: unknown): value is BytesAnswer {
  if (typeof value !== 'object' || value === null) return false;
  return 'is' in value && value.is === 'bytes' && 'body' in value && Buffer.isBuffer(value.body);
}
