/** The filter `asciifolding`: letters without their accents. */

/** Letters that Unicode does not take apart. */
const special: Readonly<Record<string, string>> = {
  ß: "ss",
  ẞ: "SS",
  æ: "ae",
  Æ: "AE",
  œ: "oe",
  Œ: "OE",
  ø: "o",
  Ø: "O",
  đ: "d",
  Đ: "D",
  ð: "d",
  Ð: "D",
  þ: "th",
  Þ: "TH",
  ł: "l",
  Ł: "L",
  ı: "i",
  ħ: "h",
  Ħ: "H",
  ŋ: "n",
  Ŋ: "N",
  ĸ: "q",
  ŧ: "t",
  Ŧ: "T",
  "‘": "'",
  "’": "'",
  "‚": "'",
  "‛": "'",
  "‹": "'",
  "›": "'",
  "“": '"',
  "”": '"',
  "„": '"',
  "«": '"',
  "»": '"',
  "‐": "-",
  "‑": "-",
  "‒": "-",
  "–": "-",
  "—": "-",
  "⁄": "/",
};

const beyondAscii = /[^\u0000-\u007f]/gu; // oxlint-disable-line no-control-regex -- ASCII itself

/** A text in which what has a form in ASCII has that form. */
export function foldToAscii(text: string): string {
  return text.replaceAll(beyondAscii, (character) => {
    const known = special[character];
    if (known !== undefined) return known;
    // Letters of mathematics stay what they are.
    if (character.length > 1) return character;
    const base = character.normalize("NFKD").replaceAll(/\p{M}/gu, "");
    return /^[\u0020-\u007e]+$/.test(base) ? base : character;
  });
}
