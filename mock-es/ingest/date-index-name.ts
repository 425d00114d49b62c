/** The processor `date_index_name`: an index for each span of time. */
import { illegalArgument } from "../es-error.ts";
import { textOfValue } from "../script/values.ts";
import { parseDate, printDate } from "../values/date.ts";
import { timeZone, utc } from "../values/time-zone.ts";
import { namedFormats } from "./field-processors.ts";
import type { Maker } from "./processor-settings.ts";

const units = ["y", "M", "w", "d", "h", "m", "s"];

/** `date_index_name`. */
export const dateIndexName: Maker = (settings) => {
  const field = settings.text("field");
  const rounding = settings.text("date_rounding");
  const prefix = settings.textOr("index_name_prefix", "");
  const format = settings.textOr("index_name_format", "yyyy-MM-dd");
  const given = settings.value("date_formats");
  const formats =
    given === undefined ? ["yyyy-MM-dd'T'HH:mm:ss.SSSXX"] : settings.list("date_formats");
  const zoneName = settings.textOr("timezone", "UTC");
  const zone = timeZone(zoneName) ?? utc;
  settings.value("locale");
  return (document) => {
    const text = textOfValue(document.require(field));
    const unit = document.fill(rounding);
    if (!units.includes(unit)) throw illegalArgument(`unable to parse rounding [${unit}]`);
    for (const named of formats) {
      const pattern =
        (Object.hasOwn(namedFormats, named) ? namedFormats[named] : undefined) ?? named;
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
