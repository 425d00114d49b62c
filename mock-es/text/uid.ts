/** The form in which Elasticsearch indexes document ids. */

const numeric = 0xfe;
const base64Escape = 0xfd;
const utf8 = 0xff;

/** The bytes of an id: packed digits, decoded base64, or marked UTF-8. */
export function uidBytes(id: string): Uint8Array {
  if (/^\d+$/.test(id)) return packedDigits(id);
  if (/^[\w-]+$/.test(id) && id.length % 4 !== 1) {
    const bytes = Buffer.from(id, "base64url");
    if (bytes.toString("base64url") === id)
      return (bytes[0] ?? 0) >= base64Escape ? Buffer.from([base64Escape, ...bytes]) : bytes;
  }
  return Buffer.from([utf8, ...Buffer.from(id)]);
}

function packedDigits(id: string): Uint8Array {
  const bytes = [numeric];
  for (let at = 0; at < id.length; at += 2) {
    const second = at + 1 === id.length ? 0xf : Number(id[at + 1]);
    bytes.push((Number(id[at]) << 4) | second);
  }
  return Buffer.from(bytes);
}
