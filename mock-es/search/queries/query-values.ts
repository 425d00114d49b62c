/** Values of queries, read as the types of fields read them. */
import { ipKey } from "../../values/ip-address.ts";
import { toDouble } from "../../values/number.ts";
import type { SearchContext } from "../fields/document.ts";
import { queryShardFailure } from "./shard-problem.ts";

/** The key of an address. @throws {EsError} when it is none */
export function addressOf(context: SearchContext, text: string): string {
  const key = ipKey(text);
  if (key !== undefined) return key;
  throw queryShardFailure(
    context,
    "illegal_argument_exception",
    `'${text}' is not an IP string literal.`,
  );
}

/** Refuses what no number field can be compared with. @throws {EsError} */
export function requireNumber(context: SearchContext, raw: unknown): void {
  if (typeof raw !== "boolean" && toDouble(raw) !== undefined) return;
  const reason =
    typeof raw === "boolean"
      ? `Character ${String(raw).charAt(0)} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`
      : `For input string: "${String(raw)}"`;
  throw queryShardFailure(context, "number_format_exception", reason);
}
