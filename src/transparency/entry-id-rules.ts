/** "dis_" and the 16 bytes of the entry's UUID in base64url. */
export function disclosureId(entryId: string): string {
  return `dis_${Buffer.from(entryId.replaceAll('-', ''), 'hex').toString('base64url')}`;
}

/** The UUID within "dis_…", as 32 hexadecimal digits; undefined when it is no such id. */
export function entryIdOf(id: string): string | undefined {
  if (!/^dis_[A-Za-z0-9_-]{21}[AQgw]$/.test(id)) return undefined;
  return Buffer.from(id.slice(4), 'base64url').toString('hex');
}
