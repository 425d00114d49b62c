/** Light stemmers for Italian, Portuguese and Spanish (Jacques Savoy, UniNE). */
import { accentTable, withoutAccents } from "./accents.ts";

const accents = accentTable({ a: "àáâä", e: "èéêë", i: "ìíîï", o: "òóôö", u: "ùúûü" });

/** Genders and plurals of Spanish. */
export function lightSpanish(term: string): string {
  if (term.length < 5) return term;
  const word = withoutAccents(term, accents);
  if (/[oae]$/.test(word)) return word.slice(0, -1);
  if (word.endsWith("eses")) return word.slice(0, -2);
  if (word.endsWith("ces")) return `${word.slice(0, -3)}z`;
  return /[oae]s$/.test(word) ? word.slice(0, -2) : word;
}

/** Genders and plurals of Italian. */
export function lightItalian(term: string): string {
  if (term.length < 6) return term;
  const word = withoutAccents(term, accents);
  if (/(?:[ih]e|[hi]i|ia|io)$/.test(word)) return word.slice(0, -2);
  return /[eiao]$/.test(word) ? word.slice(0, -1) : word;
}

const portuguese = accentTable({
  a: "àáâäã",
  c: "ç",
  e: "èéêë",
  i: "ìíîï",
  o: "òóôöõ",
  u: "ùúûü",
});

/** Plurals, genders and adverbs of Portuguese. */
export function lightPortuguese(term: string): string {
  if (term.length < 4) return term;
  let word = singular(term);
  if (word.length > 3 && word.endsWith("a")) word = masculine(word);
  if (word.length > 4 && /[eao]$/.test(word)) word = word.slice(0, -1);
  return withoutAccents(word, portuguese);
}

function singular(word: string): string {
  const { length } = word;
  if (length > 4 && /[rslz]es$/.test(word)) return word.slice(0, -2);
  if (length > 3 && word.endsWith("ns")) return `${word.slice(0, -2)}m`;
  if (length > 4 && /[eé]is$/.test(word)) return `${word.slice(0, -3)}el`;
  if (length > 4 && word.endsWith("ais")) return `${word.slice(0, -3)}al`;
  if (length > 4 && word.endsWith("óis")) return `${word.slice(0, -3)}ol`;
  if (length > 4 && word.endsWith("is")) return `${word.slice(0, -1)}l`;
  if (length > 3 && /[õã]es$/.test(word)) return `${word.slice(0, -3)}ão`;
  if (length > 6 && word.endsWith("mente")) return word.slice(0, -5);
  return length > 3 && word.endsWith("s") ? word.slice(0, -1) : word;
}

function masculine(word: string): string {
  const { length } = word;
  if (length > 7 && /(?:inha|iaca|eira)$/.test(word)) return `${word.slice(0, -1)}o`;
  if (length <= 6) return word;
  if (/(?:osa|ica|ida|ada|iva|ama)$/.test(word)) return `${word.slice(0, -1)}o`;
  if (word.endsWith("ona")) return `${word.slice(0, -3)}ão`;
  if (word.endsWith("ora")) return word.slice(0, -1);
  if (word.endsWith("esa")) return `${word.slice(0, -3)}ês`;
  return word.endsWith("na") ? `${word.slice(0, -1)}o` : word;
}
