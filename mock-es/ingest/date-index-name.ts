/** The processor `date_index_name`: an index for each span of time. */
import { illegalArgument } from "../es-error.ts";
import { textOfValue } from "../script/values.ts";
import { parseDate, printDate } from "../values/date.ts";
import { timeZone } from "../values/time-zone.ts";
import { patternOf } from "./field-processors.ts";
import type { Maker } from "./processor-settings.ts";

/** `date_index_name`. */
export const dateIndexName: Maker = (settings) => {
  const field = settings.text("field");
  const rounding = settings.text("date_rounding");
  const prefix = settings.textOr("index_name_prefix", "");
  const format = settings.textOr("index_name_format", "yyyy-MM-dd");
  const formats = settings.listOr("date_formats", ["yyyy-MM-dd'T'HH:mm:ss.SSSXX"]);
  if (formats.includes("")) throw settings.problem("date_formats", "No date pattern provided");
  const zoneName = settings.textOr("timezone", "UTC");
  const zone = timeZone(zoneName);
  if (zone === undefined) throw settings.problem("timezone", `no time zone [${zoneName}]`);
  settings.checkLocale();
  return (document) => {
    const text = textOfValue(document.require(field));
    const unit = document.fill(rounding);
    for (const pattern of formats.map(patternOf)) {
      const found = parseDate(text, pattern);
      if (found === undefined) continue;
      const isAbsolute = /[zZ]|[+-]\d\d:?\d\d$/.test(text) || pattern.startsWith("epoch");
      const shape = document.fill(format);
      const shown = printDate(isAbsolute ? found : zone.toInstant(found), shape, zone);
      // A name with date math, which is resolved where the document is written.
      const index = `${document.fill(prefix)}{${shown}||/${unit}{${shape}|${zoneName}}}`;
      document.set("_index", `<${index}>`);
      return;
    }
    throw illegalArgument(`unable to parse date [${text}]`);
  };
};
