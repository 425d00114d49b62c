/** Letters without their accents. */

/** Each letter of a word, changed by a table. */
export function withoutAccents(word: string, table: Readonly<Record<string, string>>): string {
  let plain = "";
  for (let at = 0; at < word.length; at++) {
    const letter = word.charAt(at);
    plain += Object.hasOwn(table, letter) ? table[letter] : letter;
  }
  return plain;
}

/** A table from lists of accented letters by their plain one. */
export function accentTable(
  lists: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const table: Record<string, string> = {};
  for (const [plain, accented] of Object.entries(lists))
    for (let at = 0; at < accented.length; at++) table[accented.charAt(at)] = plain;
  return table;
}
