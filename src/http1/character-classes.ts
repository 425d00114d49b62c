/** Byte classes, one table look-up per byte. Each bit cites its grammar rule. */
export const byte = {
  /** tchar, RFC 9110 §5.6.2: field names and methods. */
  token: 1,
  /** field-vchar, SP, HTAB, obs-text, RFC 9110 §5.5: inside a field value. */
  value: 2,
  /**
   * Visible ASCII but `#` (a fragment is never sent, RFC 9110 §4.2.5) and `\` (read as `/` by some
   * recipients).
   */
  target: 4,
  /** HEXDIG. */
  hex: 8,
  /**
   * qdtext or the second byte of a quoted-pair, RFC 9110 §5.6.4, without the quote and the
   * backslash.
   */
  quoted: 16,
  /** unreserved, RFC 3986 §2.3: host names. */
  unreserved: 32,
} as const;

export const byteClass = new Uint8Array(256);
/** Byte → ASCII lower case. */
export const foldCase = new Uint8Array(256);
/** HEXDIG → its value. */
export const hexValue = new Uint8Array(256);

for (let code = 0; code < 256; code += 1) {
  const char = String.fromCharCode(code);
  let bits = 0;
  if (/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(char)) bits |= byte.token;
  if (code === 0x09 || (code >= 0x20 && code !== 0x7f)) bits |= byte.value;
  if (code > 0x20 && code < 0x7f && char !== "#" && char !== "\\") bits |= byte.target;
  if (/[0-9A-Fa-f]/.test(char)) bits |= byte.hex;
  if ((code === 0x09 || (code >= 0x20 && code !== 0x7f)) && char !== '"' && char !== "\\")
    bits |= byte.quoted;
  if (/[-._~0-9A-Za-z]/.test(char)) bits |= byte.unreserved;
  byteClass[code] = bits;
  foldCase[code] = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
  hexValue[code] = /[0-9]/.test(char)
    ? code - 0x30
    : /[A-Fa-f]/.test(char)
      ? (code | 0x20) - 0x57
      : 0;
}
