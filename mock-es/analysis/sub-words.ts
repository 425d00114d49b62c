/** Words within a term: where case, letters and digits change, and at everything else. */

/** What parts a term. */
export interface WordRules {
  readonly splitsCase: boolean;
  readonly splitsNumbers: boolean;
  /** True: `'s` behind a word is left out. */
  readonly stemsPossessive: boolean;
}

/** One word. */
export interface SubWord {
  readonly text: string;
  /** In UTF-16 units of the term. */
  readonly start: number;
  readonly end: number;
  /** True for one that begins with a digit. */
  readonly isNumber: boolean;
}

const lower = 1;
const upper = 2;
const digit = 4;
const letter = lower | upper;

/** The bits of a character; 0: it is none of a word. */
function kindOf(character: string): number {
  if (/^\p{Lu}$/u.test(character)) return upper;
  if (/^\p{Ll}$/u.test(character)) return lower;
  if (/^[\p{Lt}\p{Lm}\p{Lo}\p{M}]$/u.test(character)) return letter;
  return /^\p{N}$/u.test(character) ? digit : 0;
}

/** The words of a term, and whether there is only one, with nothing but delimiters around it. */
export function subWords(
  term: string,
  rules: WordRules,
): { readonly words: readonly SubWord[]; readonly isSingle: boolean } {
  const words: SubWord[] = [];
  const characters = Array.from(term);
  let offset = 0;
  let start = -1;
  let startKind = 0;
  let before = 0;
  const close = (): void => {
    if (start >= 0)
      words.push({
        text: term.slice(start, offset),
        start,
        end: offset,
        isNumber: startKind === digit,
      });
    start = -1;
  };
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    const kind = kindOf(character);
    const isOwner = (before & letter) !== 0 && isPossessive(characters, at);
    if (kind === 0 || (start >= 0 && isBreak(before, kind, rules))) close();
    if (isOwner && rules.stemsPossessive) {
      close();
      offset += character.length + (characters[at + 1] ?? "").length;
      at++;
      before = 0;
      continue;
    }
    if (kind !== 0 && start < 0) {
      start = offset;
      startKind = kind;
    }
    offset += character.length;
    before = kind;
  }
  close();
  return { words, isSingle: words.length === 1 };
}

/** True for `'s` with nothing of a word behind it. */
function isPossessive(characters: readonly string[], at: number): boolean {
  const next = characters[at + 1];
  if (characters[at] !== "'" || (next !== "s" && next !== "S")) return false;
  return kindOf(characters[at + 2] ?? "") === 0;
}

function isBreak(before: number, kind: number, rules: WordRules): boolean {
  if ((before & kind) !== 0) return false;
  const isLetter = (kind & letter) !== 0;
  const wasLetter = (before & letter) !== 0;
  if (isLetter && wasLetter) return rules.splitsCase && before !== upper;
  return rules.splitsNumbers;
}
