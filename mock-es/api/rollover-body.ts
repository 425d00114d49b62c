/** The body of `_rollover`: when it happens, and what the new index is made of. */
import { EsError, illegalArgument, validationFailed, xContentParseException } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { type Member, parseShape, parseShapeAt, type Shape } from "../json/object-parser.ts";
import { humanBytes, humanTime } from "../rest/human-units.ts";
import type { Cluster } from "../store/cluster.ts";
import type { IndexState } from "../store/index-state.ts";
import { parseByteSize } from "../values/byte-size.ts";
import { parseDuration } from "../values/duration.ts";
import { checkAliasDefinitions } from "./alias-definitions.ts";

/** What an index has to be, so that another one takes its place. */
export interface Condition {
  /** As the answer shows it: `max_docs: 1`. */
  readonly name: string;
  readonly isMet: (index: IndexState) => boolean;
}

/** What a rollover is asked for. */
export interface RolloverBody {
  readonly conditions: readonly Condition[];
  /** Settings, mappings and aliases of the new index. */
  readonly definition: JsonObject;
}

/** @throws {EsError} 400 in the words of the server's parser */
export function readRolloverBody(cluster: Cluster, body: JsonObject): RolloverBody {
  const { conditions = {}, ...definition } = parseShape(bodyShape, body);
  const bounds = Object.entries(conditions as Readonly<Record<string, Bound>>);
  if (bounds.length > 0 && !bounds.some(([name]) => name.startsWith("max_")))
    throw validationFailed(
      "at least one max_* rollover condition must be set when using min_* conditions",
    );
  return {
    conditions: bounds.map(([name, { shown, value }]) => {
      const measure = measureOf(cluster, name);
      return { name: `${name}: ${shown}`, isMet: (index) => measure(index) >= value };
    }),
    definition,
  };
}

/** The number of a condition, and as the answer shows it. */
interface Bound {
  readonly shown: string;
  readonly value: number;
}

const docs: Member = {
  kind: "long",
  read: (value): Bound => ({ shown: textOf(value), value: Number(value) }),
};

const size: Member = {
  kind: "string",
  read(given, _holder, key): Bound {
    const value = parseByteSize(textOf(given), key);
    return { shown: humanBytes(value), value };
  },
};

const age: Member = {
  kind: "string",
  read(given, _holder, key): Bound {
    const value = parseDuration(textOf(given), key);
    return { shown: value < 0 ? "-1" : humanTime(value), value };
  },
};

const asItIs = (values: JsonObject): JsonObject => values;

const conditionsShape: Shape<JsonObject> = {
  name: "rollover_conditions",
  members: Object.fromEntries(
    ["max", "min"].flatMap((end) => [
      [`${end}_age`, age],
      [`${end}_docs`, docs],
      [`${end}_size`, size],
      [`${end}_primary_shard_size`, size],
      [`${end}_primary_shard_docs`, docs],
    ]),
  ),
  build: asItIs,
};

const bodyShape: Shape<JsonObject> = {
  name: "rollover",
  members: {
    conditions: {
      kind: "object",
      read: (value, holder, key) => parseShapeAt(conditionsShape, value, holder, key),
    },
    settings: { kind: "object" },
    mappings: { kind: "object", read: (value) => readWhole(value, checkUntyped) },
    aliases: { kind: "object", read: (value) => readWhole(value, checkAliasDefinitions) },
  },
  build: asItIs,
};

/** Checks an object that the server reads to its end before it looks at it. */
function readWhole(value: unknown, check: (object: JsonObject) => void): unknown {
  if (!isObject(value)) return value;
  try {
    check(value);
  } catch (error) {
    throw error instanceof EsError ? error.standingAt(value, undefined, "end") : error;
  }
  return value;
}

function checkUntyped(mappings: JsonObject): void {
  if (Object.keys(mappings).join() === "_doc")
    throw illegalArgument("The mapping definition cannot be nested under a type");
}

/** What a condition looks at. */
function measureOf(cluster: Cluster, name: string): (index: IndexState) => number {
  const largest = (index: IndexState, read: (shard: number) => number): number =>
    Math.max(0, ...index.shards.map((_shard, number) => read(number)));
  switch (name.replace(/^(?:max|min)_/, "")) {
    case "docs":
      return (index) => index.documentCount;
    case "age":
      return (index) => cluster.entropy.nowMs() - index.createdMs;
    case "size":
      return (index) => index.sourceBytes;
    case "primary_shard_docs":
      return (index) => largest(index, (shard) => index.shards[shard]?.documentCount ?? 0);
    case "primary_shard_size":
      return (index) => index.sourceBytes / index.shards.length;
    default:
      throw xContentParseException(`[rollover_conditions] unknown field [${name}]`);
  }
}
