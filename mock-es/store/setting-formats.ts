/** Texts of settings that have a form of their own. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { doubleText } from "../json/java-number.ts";
import { parseByteSize } from "../values/byte-size.ts";

/** A boolean, a size, or a part of 1. @throws {EsError} 400 */
export function checkCompoundFormat(text: string): void {
  if (text === "true" || text === "false") return;
  const isNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text);
  const ratio = Number(text);
  if (isNumber && ratio >= 0 && ratio <= 1) return;
  const failed =
    "index.compound_format must be a boolean, a non-negative byte size or a ratio in the interval [0..1] but was";
  if (isNumber) throw illegalArgument(`${failed}: [${doubleText(ratio)}]`);
  try {
    parseByteSize(text, "index.compound_format");
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    throw illegalArgument(`${failed}: [${text}]`, { caused_by: error.toCause() });
  }
}

/** A number of copies of a shard, or `all`. @throws {EsError} 400 */
export function checkActiveShards(text: string): void {
  if (text === "all") return;
  if (!/^[+-]?\d+$/.test(text))
    throw illegalArgument(`cannot parse ActiveShardCount[${text}]`, {
      caused_by: { type: "number_format_exception", reason: `For input string: "${text}"` },
    });
  if (Number(text) < 0) throw illegalArgument("shard count cannot be a negative value");
}

/**
 * Checks for how many copies of a shard writes of an index wait: only the primary is ever there.
 *
 * @param wanted `index.write.wait_for_active_shards`
 * @throws {EsError} 400 for more copies than there can be, and for more than one
 */
export function checkWaiting(wanted: string | undefined, replicas: number): void {
  checkCopies(wanted, replicas);
  const count = wanted === "all" ? replicas + 1 : Number(wanted ?? 1);
  if (count > 1) throw notSupported(`[index.write.wait_for_active_shards: ${wanted}]`);
}

/** @throws {EsError} 400 for waiting for more copies of a shard than there can be */
export function checkCopies(wanted: string | undefined, replicas: number): void {
  const copies = replicas + 1;
  if (wanted === undefined || wanted === "all" || Number(wanted) <= copies) return;
  const reason = `invalid index.write.wait_for_active_shards[${wanted}]: cannot be greater than number of shard copies [${copies}]`;
  throw illegalArgument(reason);
}

/** Numbers of replicas: `0-5`, `1-all`, or `false`. @throws {EsError} 400 */
export function checkExpansion(text: string): void {
  if (text === "false") return;
  const dash = text.indexOf("-");
  const from = text.slice(0, dash);
  const to = text.slice(dash + 1);
  const failed = `failed to parse [index.auto_expand_replicas] from value: [${text}] at index ${dash}`;
  if (dash === -1) throw illegalArgument(failed);
  for (const part of [from, to]) {
    if (/^\d+$/.test(part) || (part === to && part === "all")) continue;
    throw illegalArgument(failed, {
      caused_by: { type: "number_format_exception", reason: `For input string: "${part}"` },
    });
  }
  if (to === "all" || Number(from) <= Number(to)) return;
  throw illegalArgument(
    `[index.auto_expand_replicas] minReplicas must be =< maxReplicas but wasn't ${Number(from)} > ${Number(to)}`,
  );
}
