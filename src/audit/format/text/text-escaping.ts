/** Escapes values of text lines, so that no value can forge a field. */
const plain = /^[\x20-\x5b\x5d-\x7e]*$/;
const escaped = /\\x([0-9a-f]{2})/g;

/**
 * Writes a value (latin1, one char per byte) so that it can neither break the line nor look like
 * the next key: control bytes, backslash and bytes from 0x7f up become `\xNN`, and so does a colon
 * that a blank or the end of the value follows.
 */
export function escapeValue(value: string): string {
  if (plain.test(value) && !value.includes(": ") && !value.endsWith(":")) return value;
  let text = "";
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    const isKeyLike =
      code === 0x3a && (at + 1 === value.length || value.charCodeAt(at + 1) === 0x20);
    const isSafe = code >= 0x20 && code < 0x7f && code !== 0x5c && !isKeyLike;
    text += isSafe ? value.charAt(at) : hexEscape(code);
  }
  return text;
}

/**
 * Like `escapeValue`, and a value that equals the word for "absent" is written differently from it.
 */
export function escapeUnlike(value: string, absent: string): string {
  return value === absent
    ? hexEscape(value.charCodeAt(0)) + escapeValue(value.slice(1))
    : escapeValue(value);
}

/** The value that `escapeValue` was given. */
export function unescapeValue(text: string): string {
  return text.replaceAll(escaped, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

function hexEscape(code: number): string {
  return `\\x${(code & 0xff).toString(16).padStart(2, "0")}`;
}
