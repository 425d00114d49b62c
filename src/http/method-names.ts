const common = ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH"].map((name) => ({
  name,
  octets: Uint8Array.from(name, (c) => c.charCodeAt(0)),
}));

/** The method at `bytes[start, end)`; for common ones no string is made. */
export function methodName(bytes: Buffer, start: number, end: number): string {
  for (const { name, octets } of common) if (equals(bytes, start, end, octets)) return name;
  return bytes.toString("latin1", start, end);
}

function equals(bytes: Buffer, start: number, end: number, octets: Uint8Array): boolean {
  if (end - start !== octets.length) return false;
  for (let i = 0; i < octets.length; i += 1) if (bytes[start + i] !== octets[i]) return false;
  return true;
}
