/** Base64 as Java's basic decoder reads it, with what it says of broken text. */

const alphabet = /[A-Za-z0-9+/]/;

/** The bytes of a text, or the words for why it has none. */
export function decodeBase64(text: string): Buffer | string {
  if (text.length === 1) return "Input byte[] should at least have 2 bytes for base64 bytes";
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (alphabet.test(character)) continue;
    if (character !== "=") return `Illegal base64 character ${text.charCodeAt(at).toString(16)}`;
    const place = at % 4;
    if (place < 2 || (place === 2 && text.charAt(at + 1) !== "="))
      return "Input byte array has wrong 4-byte ending unit";
    const end = place === 2 ? at + 2 : at + 1;
    if (end < text.length) return `Input byte array has incorrect ending byte at ${end}`;
    break;
  }
  const digits = text.replace(/=+$/, "").length;
  if (digits % 4 === 1) return "Last unit does not have enough valid bits";
  return Buffer.from(text, "base64");
}
