/** Small searches in plain text, all linear and without allocations. */

/** A table of bytes: 1 for those of `characters`. */
export function byteSet(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const endsAuthority = byteSet("/?#\\\"'`<> \t\r\n");
const nameBytes = byteSet(`${alphanumeric}_-.%`);
/** RFC 9110 §11.2. */
const token68Bytes = byteSet(`${alphanumeric}-._~+/=`);
const schemes = ["basic", "bearer", "apikey", "negotiate", "ntlm"];
const harmless = ["null", "true", "false", "none", "{}", "[]"];

/** Index of the first byte of a set; `end` without one. */
export function firstOf(set: Uint8Array, bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && set[bytes[at] ?? 0] === 0) at += 1;
  return at;
}

/** Index of the last `@`; -1 without one. */
export function lastAtSign(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= start; at -= 1) if (bytes[at] === 0x40) return at;
  return -1;
}

/**
 * Where the authority of a URL begins (RFC 3986 §3.2), when two slashes stand at `at`, perhaps
 * escaped as `\/`; 0 otherwise.
 */
export function authorityStart(bytes: Uint8Array, at: number, end: number): number {
  const first = slashAt(bytes, at, end);
  return first === 0 ? 0 : slashAt(bytes, first, end);
}

function slashAt(bytes: Uint8Array, at: number, end: number): number {
  let here = at;
  while (here < end && bytes[here] === 0x5c) here += 1;
  return here < end && bytes[here] === 0x2f ? here + 1 : 0;
}

/** End of an authority. */
export function authorityEnd(bytes: Uint8Array, start: number, end: number): number {
  return firstOf(endsAuthority, bytes, start, end);
}

/** Whether what follows the last colon of an authority is a port, or there is none. */
export function hasPlainPort(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = end - 1; at >= start; at -= 1) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x3a || byte === 0x5d) return true;
    if (byte < 0x30 || byte > 0x39) return bytes.subarray(start, at).indexOf(0x3a) < 0;
  }
  return true;
}

/** Where the name that ends at `end` begins. */
export function nameStart(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && nameBytes[bytes[at - 1] ?? 0] === 1) at -= 1;
  return at;
}

/** Where the character reference of HTML that ends at `end` begins: `&quot;`; `end`: it is none. */
export function entityStart(bytes: Uint8Array, start: number, end: number): number {
  const lowest = Math.max(start, end - 7);
  for (let at = end - 2; at >= lowest; at -= 1) if (bytes[at] === 0x26) return at;
  return end;
}

/** Whether the word before `end` is the name of an authentication scheme. */
export function endsWithScheme(bytes: Uint8Array, start: number, end: number): boolean {
  // The last letters of all of them.
  const last = (bytes[end - 1] ?? 0) | 0x20;
  if (last !== 0x63 && last !== 0x72 && last !== 0x79 && last !== 0x65 && last !== 0x6d)
    return false;
  return schemes.some((scheme) => {
    const from = end - scheme.length;
    if (from < start) return false;
    if (from > start && nameBytes[bytes[from - 1] ?? 0] === 1) return false;
    return equalsIgnoringCase(bytes, from, end, scheme);
  });
}

/** End of a credential of the form token68 (RFC 9110 §11.2). */
export function token68End(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && token68Bytes[bytes[at] ?? 0] === 1) at += 1;
  return at;
}

/** Whether a word is no word: it holds a digit, `=`, `+`, or a capital letter behind its first. */
export function looksRandom(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if ((byte >= 0x30 && byte <= 0x39) || byte === 0x3d || byte === 0x2b) return true;
    if (at > start && byte >= 0x41 && byte <= 0x5a) return true;
  }
  return false;
}

/** Whether a value is one that stands for nothing. */
export function isHarmless(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end === start ||
    (end - start <= 5 && harmless.some((word) => equalsIgnoringCase(bytes, start, end, word)))
  );
}

function equalsIgnoringCase(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false;
  for (let at = 0; at < word.length; at += 1) {
    const byte = bytes[start + at] ?? 0;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (lower !== word.charCodeAt(at)) return false;
  }
  return true;
}
