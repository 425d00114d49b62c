/** `ip_prefix`: a bucket for each block of addresses. */
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { ipText } from "../../values/ip-address.ts";
import type { IndexedValue } from "../fields/value.ts";
import { shardFailure } from "../problem.ts";
import { wholeNumber } from "../search-body.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  Bucket,
  checkSettings,
  finishBuckets,
} from "./aggregation.ts";
import { compileSource } from "./values-source.ts";
import { inMember } from "../../json/object-parser.ts";
import { illegalArgument } from "../../es-error.ts";

/** `ip_prefix`. */
export function parseIpPrefix(
  _: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("ip_prefix", body, [
    "field",
    "missing",
    "prefix_length",
    "is_ipv6",
    "keyed",
    "append_prefix_length",
    "min_doc_count",
  ]);
  const source = compileSource("ip_prefix", body, context, (field) => field.kind === "ip");
  const isIpv6 = body["is_ipv6"] === true;
  const most = isIpv6 ? 128 : 32;
  const length =
    body["prefix_length"] === undefined ? -1 : wholeNumber("prefix_length", body["prefix_length"]);
  if (length < 0 || length > most) {
    const reason = `[prefix_length] must be in range [0, ${most}] while value is [${length}]`;
    if (length < 0 && body["prefix_length"] !== undefined)
      inMember("ip_prefix", "prefix_length", body, () => {
        throw illegalArgument(reason);
      });
    throw shardFailure(context.shards[0]?.index ?? "_all", "illegal_argument_exception", reason);
  }
  const least = Number(body["min_doc_count"] ?? 1);
  const mask = maskOf(length, isIpv6);
  const nameOf = (key: string): string =>
    body["append_prefix_length"] === true ? `${ipText(key)}/${length}` : ipText(key);
  return {
    resultType: "ip_prefix",
    create() {
      const buckets = new Map<string, Bucket>();
      return {
        collect(document, score) {
          const keys = new Set(source.read(document).map((value) => prefixOf(value, mask, isIpv6)));
          for (const key of keys) {
            let bucket = buckets.get(key);
            if (bucket === undefined) buckets.set(key, (bucket = new Bucket(sub, context)));
            bucket.collect(document, score);
          }
        },
        result() {
          const shown = [...buckets]
            .filter(([, { docCount }]) => docCount >= least)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, bucket]) => ({
              key: nameOf(key),
              is_ipv6: isIpv6,
              ...bucket.result(),
              prefix_length: length,
              ...(isIpv6 ? {} : { netmask: ipText(v4Prefix + mask.slice(v4Prefix.length)) }),
            }));
          const finished = finishBuckets(shown, sub, context);
          if (body["keyed"] !== true) return { buckets: finished };
          return {
            buckets: Object.fromEntries(finished.map(({ key, ...rest }) => [textOf(key), rest])),
          };
        },
      };
    },
  };
}

/** What IPv4 addresses begin with where they are kept as IPv6 ones. */
const v4Prefix = "00000000000000000000ffff";

/** The bits of a block as 32 hexadecimal digits. */
function maskOf(length: number, isIpv6: boolean): string {
  const bits = Math.max(0, isIpv6 ? length : length + 96);
  const ones = (1n << 128n) - 1n;
  return (ones ^ ((1n << BigInt(128 - bits)) - 1n)).toString(16).padStart(32, "0");
}

/** Of an IPv6 address among IPv4 blocks only the last four bytes count. */
function prefixOf(value: IndexedValue, mask: string, isIpv6: boolean): string {
  const address = String(value);
  const whole = isIpv6 ? address : v4Prefix + address.slice(v4Prefix.length);
  return (BigInt(`0x${whole}`) & BigInt(`0x${mask}`)).toString(16).padStart(32, "0");
}
