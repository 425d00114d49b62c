/** Characters that nobody sees, or that change where others are seen. */

/**
 * Control characters behind ASCII, those that turn the direction of what follows (UAX #9), and
 * those without a glyph.
 */
const unseen =
  /[\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
/** Tags: an invisible copy of ASCII, U+E0000 to U+E007F, in UTF-16. */
const tag = /\udb40[\udc00-\udc7f]/g;

/** Such characters as escapes of JSON, so that a text does not look like another one. */
export function showUnseen(text: string): string {
  return text.replaceAll(unseen, escaped).replaceAll(tag, escaped);
}

/** JSON of a value for a terminal or a file: {@link showUnseen} changes nothing that it means. */
export function seenJson(value: unknown, indent?: number): string {
  return showUnseen(JSON.stringify(value, null, indent));
}

function escaped(characters: string): string {
  let text = "";
  for (let at = 0; at < characters.length; at += 1)
    text += `\\u${characters.charCodeAt(at).toString(16).padStart(4, "0")}`;
  return text;
}
