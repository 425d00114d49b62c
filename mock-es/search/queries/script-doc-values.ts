/** Doc values as scripts see them. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { zonedDateTime } from "../../script/library/dates.ts";
import { methodOf } from "../../script/library/methods.ts";
import { preciseDateTime } from "../../script/library/precise-date.ts";
import { RuntimeProblem } from "../../script/problems.ts";
import { Double, numberIn, type ScriptObject } from "../../script/values.ts";
import { ipText } from "../../values/ip-address.ts";
import type { Field } from "../fields/field.ts";
import type { IndexedValue } from "../fields/value.ts";

/** The order of doc values. */
export function byValue(a: IndexedValue, b: IndexedValue): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A doc value as a script sees it. */
export function shown(field: Field, value: IndexedValue): unknown {
  switch (field.kind) {
    case "double":
      return new Double(Number(value));
    case "long":
      return BigInt.asIntN(64, BigInt(value));
    case "boolean":
      return value === 1;
    case "date":
      return field.type === "date_nanos"
        ? dateOfNanos(BigInt(value))
        : zonedDateTime(Number(value));
    case "ip":
      return ipText(String(value));
    default:
      return value;
  }
}

function dateOfNanos(value: bigint): unknown {
  const nanos = ((value % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const ms = Number((value - nanos) / 1_000_000n);
  return nanos === 0n ? zonedDateTime(ms) : preciseDateTime(ms, Number(nanos));
}

/** What `field(name)` gives: the values of a field of a document, and what stands for none. */
export function fieldObject(name: string, values: readonly unknown[]): ScriptObject {
  const own = (member: string): unknown => {
    if (member === "name" || member === "getName") return name;
    if (member === "empty" || member === "isEmpty") return values.length === 0;
    if (member === "size") return values.length;
    throw notSupported(`[${member}] of [field] in a script`);
  };
  return {
    isScriptObject: true,
    javaType: "org.elasticsearch.script.field.Field",
    items: values,
    member: own,
    call(method, from) {
      if (method !== "get") return own(method);
      const [first, second] = from;
      return from.length < 2 ? (values[0] ?? first) : (values[numberIn(first) ?? 0] ?? second);
    },
  };
}

/** The doc values of a field of a document: a list with more members. */
export function valuesObject(values: readonly unknown[]): ScriptObject {
  const first = (): unknown => {
    if (values.length > 0) return values[0];
    throw new RuntimeProblem(
      "illegal_state_exception",
      "A document doesn't have a value for a field! Use doc[<field>].size()==0 to check if a document is missing a field!",
    );
  };
  const own = (name: string): unknown => {
    if (name === "value" || name === "getValue") return first();
    if (name === "empty" || name === "isEmpty") return values.length === 0;
    if (name === "length" || name === "size") return values.length;
    if (/^\d+$/.test(name)) return values[Number(name)] ?? first();
    throw illegalArgument(`[${name}] of a field in a script is not supported by mock-es`);
  };
  return {
    isScriptObject: true,
    javaType: "org.elasticsearch.index.fielddata.ScriptDocValues",
    items: values,
    member: own,
    call(name, from) {
      if (name === "get") return values[numberIn(from[0]) ?? 0] ?? first();
      const method = name === "size" ? undefined : methodOf([...values], name);
      return method === undefined ? own(name) : method([...values] as never, ...from);
    },
  };
}
