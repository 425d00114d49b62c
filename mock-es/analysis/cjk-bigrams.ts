/** The filter `cjk_bigram`: pairs of neighbouring characters of Chinese, Japanese and Korean. */
import type { PartSettings } from "./settings.ts";
import type { Token } from "./token.ts";

const scripts: Readonly<Record<string, string>> = {
  han: "<IDEOGRAPHIC>",
  hangul: "<HANGUL>",
  hiragana: "<HIRAGANA>",
  katakana: "<KATAKANA>",
};

/** A character, and where it stands. */
interface Character {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** `cjk_bigram`. */
export function cjkBigrams(settings: PartSettings): (tokens: readonly Token[]) => readonly Token[] {
  const ignored = settings.list("ignored_scripts") ?? [];
  const types = new Set(
    Object.keys(scripts)
      .filter((name) => !ignored.includes(name))
      .map((name) => scripts[name]),
  );
  const hasUnigrams = settings.flag("output_unigrams", false);
  return (tokens) => {
    const made: Token[] = [];
    let position = -1;
    let run: Character[] = [];
    const flush = (): void => {
      const [only] = run;
      if (run.length === 1 && only !== undefined) made.push(single(only, ++position));
      for (const [at, character] of run.entries()) {
        const next = run[at + 1];
        if (run.length < 2) break;
        if (hasUnigrams) made.push(single(character, ++position));
        else if (next !== undefined) position++;
        if (next === undefined) continue;
        const pair = { term: character.text + next.text, start: character.start, end: next.end };
        const length = hasUnigrams ? { positionLength: 2 } : {};
        made.push({ ...pair, position, type: "<DOUBLE>", ...length });
      }
      run = [];
    };
    let last = -1;
    for (const token of tokens) {
      const gap = token.position - last;
      last = token.position;
      if (types.has(token.type)) {
        if (run.at(-1)?.end !== token.start) flush();
        run.push(...charactersOf(token));
        continue;
      }
      flush();
      position += gap;
      made.push({ ...token, position });
    }
    flush();
    return made;
  };
}

function single({ text, start, end }: Character, position: number): Token {
  return { term: text, start, end, position, type: "<SINGLE>" };
}

function charactersOf({ term, start, end }: Token): Character[] {
  const isAligned = end - start === term.length;
  let at = start;
  return Array.from(term, (text) => {
    const from = at;
    at += text.length;
    return isAligned ? { text, start: from, end: at } : { text, start, end };
  });
}
