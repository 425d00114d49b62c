/** `wait_for_active_shards`. */
import { illegalArgument } from "../es-error.ts";

/** @throws {EsError} 400 for what is no number of copies */
export function checkActiveShardCount(text: string): void {
  if (text === "all") return;
  if (/^[+-]?\d+$/.test(text)) {
    if (Number(text) < 0) throw illegalArgument(`shard count cannot be a negative value`);
    return;
  }
  throw illegalArgument(`cannot parse ActiveShardCount[${text}]`, {
    caused_by: { type: "number_format_exception", reason: `For input string: "${text}"` },
  });
}
