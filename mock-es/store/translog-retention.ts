/** Settings that templates may still hold, and no index. */
import { illegalArgument } from "../es-error.ts";

const names = ["index.translog.retention.age", "index.translog.retention.size"];

/**
 * @param settings a setting that is reset is null
 * @throws {EsError} 400 when one of them has a value
 */
export function checkTranslogRetention(settings: ReadonlyMap<string, unknown>): void {
  if (names.every((name) => (settings.get(name) ?? null) === null)) return;
  const both = names.map((name) => `[${name}]`).join(" and ");
  throw illegalArgument(
    `Translog retention settings ${both} are no longer supported. Please do not specify values for these settings`,
  );
}
