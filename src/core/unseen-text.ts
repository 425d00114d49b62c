/** Characters that nobody sees, or that change where others are seen. */

/** Letters of scripts that are written with joiners, which change how their neighbours look. */
const joined =
  "Arab Syrc Nkoo Mong Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr Tibt"
    .split(" ")
    .map((script) => String.raw`\p{Script=${script}}`)
    .join("");
const picture = String.raw`\p{Extended_Pictographic}`;
/** What does something where it stands: joiners in words and pictures, the form of a picture. */
const seen =
  String.raw`(?<=[${joined}])[\u200c\u200d](?=[${joined}])` +
  String.raw`|(?<=[${picture}\p{Emoji_Modifier}\ufe0f])\u200d(?=${picture})` +
  String.raw`|(?<=${picture})[\ufe0e\ufe0f]`;
/**
 * Control characters behind ASCII, those that turn the direction of what follows (UAX #9), and
 * those without a glyph: what Unicode calls ignorable (UAX #44), line separators, the blank of
 * Braille, marks of annotations.
 */
const unseen = new RegExp(
  String.raw`(?!${seen})[\p{DI}\x7f-\x9f\u2028\u2029\u2800\ufff9-\ufffb]`,
  "gu",
);
const beyondAscii = /[\x7f-\uffff]/;

/** Such characters as escapes of JSON, so that a text does not look like another one. */
export function showUnseen(text: string): string {
  return beyondAscii.test(text) ? text.replaceAll(unseen, escaped) : text;
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
