/** Gives the method of a request as a string, for the usual methods without making one. */
const common = ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH"].map((name) => ({
  name,
  content: Uint8Array.from(name, (c) => c.charCodeAt(0)),
}));

/** The method at `bytes[start, end)`; for common ones no string is made. */
export function methodName(bytes: Buffer, start: number, end: number): string {
  for (const { name, content } of common) if (equals(bytes, start, end, content)) return name;
  return bytes.toString("latin1", start, end);
}

function equals(bytes: Buffer, start: number, end: number, content: Uint8Array): boolean {
  if (end - start !== content.length) return false;
  for (let i = 0; i < content.length; i += 1) if (bytes[start + i] !== content[i]) return false;
  return true;
}
