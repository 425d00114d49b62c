/** Stemmers by the names that settings give them. */
import { stemmer as danish } from "@orama/stemmers/danish";
import { stemmer as dutch } from "@orama/stemmers/dutch";
import { stemmer as finnish } from "@orama/stemmers/finnish";
import { stemmer as french } from "@orama/stemmers/french";
import { stemmer as germanPlain } from "@orama/stemmers/german";
import { stemmer as hungarian } from "@orama/stemmers/hungarian";
import { stemmer as italian } from "@orama/stemmers/italian";
import { stemmer as norwegian } from "@orama/stemmers/norwegian";
import { stemmer as portuguese } from "@orama/stemmers/portuguese";
import { stemmer as romanianPlain } from "@orama/stemmers/romanian";
import { stemmer as russian } from "@orama/stemmers/russian";
import { stemmer as spanish } from "@orama/stemmers/spanish";
import { stemmer as swedish } from "@orama/stemmers/swedish";
import { stemmer as turkish } from "@orama/stemmers/turkish";
import { porterStem } from "../porter-stemmer.ts";
import { lightFrench, minimalFrench } from "./french.ts";
import { lightGerman, minimalGerman, withUmlauts } from "./german.ts";
import { porter2Stem } from "./porter2.ts";
import { lightItalian, lightPortuguese, lightSpanish } from "./romance.ts";

/** Makes the stem of a word in lower case. */
type Stemmer = (word: string) => string;

/** Snowball's German as Lucene 10 has it: `ue` is an umlaut, and a `System` keeps its end. */
function german(word: string): string {
  return germanPlain(withUmlauts(word.endsWith("system") ? `${word}e` : word));
}

/** The library knows the letters with a cedilla, Lucene 10 those with a comma. */
function romanian(word: string): string {
  const stem = romanianPlain(word.replaceAll("ș", "ş").replaceAll("ț", "ţ"));
  return stem.replaceAll("ş", "ș").replaceAll("ţ", "ț");
}

/** Snowball's stemmers with the stems of Lucene 10.5, for some 10,000 words of each language. */
const snowball: Readonly<Record<string, Stemmer>> = {
  Danish: danish,
  Dutch: dutch,
  English: porter2Stem,
  Finnish: finnish,
  French: french,
  German: german,
  German2: german,
  Hungarian: hungarian,
  Italian: italian,
  Norwegian: norwegian,
  Portuguese: portuguese,
  Romanian: romanian,
  Russian: russian,
  Spanish: spanish,
  Swedish: swedish,
  Turkish: turkish,
};

/** Those that are not here. */
const otherSnowball = new Set(
  `Arabic Armenian Basque Catalan Estonian Greek Hindi Indonesian Irish Kp Lithuanian Lovins Nepali
  Polish Porter Serbian Tamil Yiddish`.split(/\s+/),
);

/** Stemmers that are none of Snowball's. */
const light: Readonly<Record<string, Stemmer>> = {
  english: porterStem,
  porter: porterStem,
  light_french: lightFrench,
  light_german: lightGerman,
  light_italian: lightItalian,
  light_portuguese: lightPortuguese,
  light_spanish: lightSpanish,
  minimal_english: minimalEnglish,
  minimal_french: minimalFrench,
  minimal_german: minimalGerman,
  porter2: porter2Stem,
};

/** Those that are not here. */
const otherLight = new Set(
  `arabic armenian basque bengali brazilian bulgarian catalan czech dutch_kp estonian galician greek
  hindi indonesian irish kstem kp latvian light_english light_finnish light_hungarian
  light_indonesian light_norwegian light_nynorsk light_russian light_swedish lithuanian lovins
  minimal_galician minimal_norwegian minimal_nynorsk minimal_portuguese minimal_swedish persian
  portuguese_rslp sami serbian sorani spanish_plural`.split(/\s+/),
);

/** A stemmer; `refused` for one that the server has and that is not here; `undefined` for none. */
type Found = Stemmer | "refused" | undefined;

/** The stemmer of Snowball for a language, whose name begins with a capital letter. */
export function snowballStemmer(language: string): Found {
  if (Object.hasOwn(snowball, language)) return snowball[language];
  return otherSnowball.has(language) ? "refused" : undefined;
}

/** A stemmer by the name that the filter `stemmer` gives it: `light_german` or `lightGerman`. */
export function namedStemmer(name: string): Found {
  const plain = name.replaceAll(/(?<=[a-z])[A-Z]/g, "_$&").toLowerCase();
  if (Object.hasOwn(light, plain)) return light[plain];
  if (otherLight.has(plain)) return "refused";
  return snowballStemmer(capitalized(name.toLowerCase()));
}

/** The name with a capital letter, as the server looks it up. */
export function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Harman's "S" stemmer: plurals only. */
function minimalEnglish(term: string): string {
  if (term.length < 3 || !term.endsWith("s")) return term;
  if (/[us]s$/.test(term)) return term;
  if (term.endsWith("ies") && term.length > 3 && !/[ae]ies$/.test(term))
    return `${term.slice(0, -3)}y`;
  return /[aeio]es$/.test(term) ? term : term.slice(0, -1);
}
