/** Values of the settings `index.sort.*`. */
import { illegalArgument } from "../es-error.ts";
import type { SettingValue } from "./setting-rules.ts";

/** What is wrong with a value of one of the settings. @throws {EsError} 400 */
export function checkSortSetting(name: string, value: SettingValue): void {
  const values = typeof value === "string" ? value.split(",") : value;
  for (const one of values) {
    if (name === "index.sort.order" && !/^(?:asc|desc)$/i.test(one))
      throw illegalArgument(`Illegal sort order:${one}`);
    if (name === "index.sort.mode" && !/^(?:min|max)$/i.test(one)) {
      // Names of other modes are those of Java's constants.
      const isMode = /^(?:sum|avg|median)$/i.test(one);
      const shown = isMode ? one.toUpperCase() : one;
      throw illegalArgument(
        isMode
          ? `Illegal index sort mode:[${shown}], must be one of [MAX, MIN]`
          : `Unknown SortMode [${shown}]`,
      );
    }
    if (name === "index.sort.missing" && one !== "_last" && one !== "_first")
      throw illegalArgument(`Illegal missing value:[${one}], must be one of [_last, _first]`);
  }
}
