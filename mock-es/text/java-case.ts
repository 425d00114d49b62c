/** Letters in lower and upper case as Java's Character has them: one for one, whatever the word. */

/** Letters that JavaScript makes several of, or takes for the end of a word. */
const unlikeJava = /[İΣ]/;

/** A text in lower case. */
export function lowerCase(text: string): string {
  if (!unlikeJava.test(text)) return text.toLowerCase();
  return text.replaceAll("İ", "i").replaceAll("Σ", "σ").toLowerCase();
}

// oxlint-disable-next-line no-control-regex -- ASCII itself
const onlyAscii = /^[\u0000-\u007f]*$/;

/** A text in upper case; a letter that would become several stays. */
export function upperCase(text: string): string {
  if (onlyAscii.test(text)) return text.toUpperCase();
  return Array.from(text, (letter) => {
    const upper = letter.toUpperCase();
    return Array.from(upper).length === 1 ? upper : letter;
  }).join("");
}
