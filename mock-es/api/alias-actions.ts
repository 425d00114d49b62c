/** The body of `_aliases`, read as the server's parsers read it: a list of actions. */
import { elementProblem } from "../json/object-parser.ts";
import { EsError, illegalArgument, xContentParseException } from "../es-error.ts";
import { parseJson } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../json/json-value.ts";
import { checkKnown } from "../search/known-members.ts";

const kinds = ["add", "remove", "remove_index"] as const;

/** One action as the body names it; nothing of it has been looked up. */
export interface AliasAction {
  readonly kind: (typeof kinds)[number];
  /** Names and patterns of indices, none of them empty. */
  readonly indices: readonly string[];
  /** Names of aliases, and of those that are removed patterns; none to remove an index. */
  readonly names: readonly string[];
  readonly mustExist: boolean;
  /** The options of an alias that is added. */
  readonly definition: JsonObject;
}

type ValueType = "text" | "texts" | "object" | "scalar" | "flag";

/** Tokens that start a value of a type. */
const tokens: Readonly<Record<ValueType, readonly string[]>> = {
  text: ["VALUE_STRING"],
  texts: ["VALUE_STRING", "START_ARRAY"],
  object: ["START_OBJECT"],
  scalar: ["VALUE_STRING", "VALUE_NUMBER"],
  flag: ["VALUE_STRING", "VALUE_BOOLEAN"],
};

const named: Readonly<Record<string, ValueType>> = {
  index: "text",
  indices: "texts",
  alias: "text",
  aliases: "texts",
};

const members: Readonly<Record<AliasAction["kind"], Readonly<Record<string, ValueType>>>> = {
  add: {
    ...named,
    filter: "object",
    routing: "scalar",
    index_routing: "scalar",
    search_routing: "scalar",
    is_write_index: "flag",
    is_hidden: "flag",
  },
  remove: { ...named, must_exist: "flag" },
  remove_index: named,
};

/**
 * Reads the actions of a body.
 *
 * @throws {EsError} 400 in the words of the server's parser
 */
export function readAliasActions(body: Buffer): AliasAction[] {
  const value = parseJson(body.toString());
  if (!isObject(value)) {
    const reason = `[aliases] Expected START_OBJECT but was: ${tokenOf(value)}`;
    throw xContentParseException(`[1:1] ${reason}`);
  }
  checkKnown("aliases", value, ["actions"]);
  const { actions } = value;
  if (actions === undefined) throw illegalArgument("No action specified");
  if (!isObject(actions) && !Array.isArray(actions)) {
    const reason = `[aliases] actions doesn't support values of type: ${tokenOf(actions)}`;
    throw xContentParseException(reason).at(value, "actions");
  }
  const list = Array.isArray(actions) ? (actions as readonly unknown[]) : [actions];
  const read: (AliasAction | undefined)[] = [];
  for (let at = 0; at < list.length; at++) {
    // Of what is no object the parser has already taken the first token.
    if (!isObject(list[at])) at++;
    const entry = list[at];
    if (!isObject(entry)) throw notAnObject(list, at);
    read.push(inActions(() => readEntry(entry)));
  }
  return read.map((action) => checkComplete(action, actions));
}

function notAnObject(list: readonly unknown[], at: number): EsError {
  const isEnd = at >= list.length;
  const token = isEnd ? "END_ARRAY" : tokenOf(list[at]);
  const inner = xContentParseException(`[alias_action] Expected START_OBJECT but was: ${token}`);
  if (isEnd) inner.at(list, undefined, "end");
  else inner.at(list, String(at));
  return xContentParseException("[aliases] failed to parse field [actions]").around(inner);
}

/** @throws {EsError} for an action that does not say what it is about */
function checkComplete(action: AliasAction | undefined, actions: object): AliasAction {
  const missing = (type: string, reason: string): EsError =>
    xContentParseException("[aliases] failed to parse field [actions]", {
      caused_by: { type, reason },
    }).at(actions, undefined, "end");
  if (action === undefined) {
    const method =
      "org.elasticsearch.action.admin.indices.alias.IndicesAliasesRequest$AliasActions.validate()";
    const reason = `Cannot invoke "${method}" because "aliasAction" is null`;
    throw missing("null_pointer_exception", reason);
  }
  const { kind, indices, names } = action;
  const type = "illegal_argument_exception";
  if (indices.length === 0) throw missing(type, "One of [index] or [indices] is required");
  if (kind !== "remove_index" && names.length === 0)
    throw missing(type, "One of [alias] or [aliases] is required");
  return action;
}

/** Runs a reader, and puts what it refuses into the error of the list. */
function inActions<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    throw xContentParseException("[aliases] failed to parse field [actions]").around(error);
  }
}

function readEntry(entry: JsonObject): AliasAction | undefined {
  let action: AliasAction | undefined;
  for (const [key, definition] of Object.entries(entry)) {
    const kind = kinds.find((each) => each === key);
    if (kind === undefined) checkKnown("alias_action", entry, kinds);
    if (kind === undefined) continue;
    if (!isObject(definition)) {
      const token = tokenOf(definition);
      const reason = `[alias_action] ${kind} doesn't support values of type: ${token}`;
      throw xContentParseException(reason).at(entry, kind);
    }
    if (action !== undefined) throw tooMany(entry);
    action = inEntry(kind, () => readAction(kind, definition));
  }
  return action;
}

function tooMany(entry: JsonObject): EsError {
  const cause = illegalArgument("Too many operations declared on operation entry").toCause();
  const reason = "Failed to build [alias_action] after last required field arrived";
  return xContentParseException(reason, { caused_by: cause }).standingAt(entry, undefined, "end");
}

function inEntry<T>(kind: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    throw xContentParseException(`[alias_action] failed to parse field [${kind}]`).around(error);
  }
}

function readAction(kind: AliasAction["kind"], definition: JsonObject): AliasAction {
  const known = members[kind];
  for (const [key, value] of Object.entries(definition)) {
    const type = known[key];
    if (type === undefined) {
      checkKnown(kind, definition, Object.keys(known));
      continue;
    }
    checkType(kind, definition, key, type);
    // The server reads nothing as false.
    const isFlagText = value === "true" || value === "false" || value === "";
    if (type === "flag" && typeof value === "string" && !isFlagText) {
      const reason = `Failed to parse value [${value}] as only [true] or [false] are allowed.`;
      throw unfit(kind, key, illegalArgument(reason).standingAt(definition, key));
    }
    if (key in named) checkNames(kind, definition, key);
  }
  const { index, indices, alias, aliases, must_exist: mustExist, ...rest } = definition;
  return {
    kind,
    indices: namesOf(index, indices),
    names: namesOf(alias, aliases),
    mustExist: String(mustExist) === "true",
    definition: rest,
  };
}

function checkType(kind: string, definition: JsonObject, key: string, type: ValueType): void {
  const token = tokenOf(definition[key]);
  if (tokens[type].includes(token)) return;
  const reason = `[${kind}] ${key} doesn't support values of type: ${token}`;
  throw xContentParseException(reason).at(definition, key);
}

/** @throws {EsError} for names that are empty, are given twice, or are none */
function checkNames(kind: string, definition: JsonObject, key: string): void {
  const value = definition[key];
  const isList = Array.isArray(value);
  const refuse = (reason: string): EsError => {
    const inner = illegalArgument(reason);
    if (isList) inner.standingAt(value, undefined, "end");
    else inner.standingAt(definition, key);
    return unfit(kind, key, inner);
  };
  const list = isList ? (value as readonly unknown[]) : [value];
  const wrong = isList ? elementProblem(list) : undefined;
  if (wrong !== undefined) throw unfit(kind, key, wrong);
  const pair = key.startsWith("alias") ? aliasKeys : indexKeys;
  if (kind === "remove_index" && pair === aliasKeys)
    throw refuse(`[${key}] is unsupported for [REMOVE_INDEX]`);
  const before = Object.keys(definition).filter((each) => pair.includes(each));
  if (before[0] !== key)
    throw refuse(`Only one of [${pair[0] ?? ""}] and [${pair[1] ?? ""}] is supported`);
  if (list.length === 0) throw refuse(`[${key}] can't be empty`);
  if (!list.includes("")) return;
  const isPlural = key === pair[1];
  throw refuse(`[${key}] can't ${isPlural ? "contain" : "be"} empty string`);
}

const aliasKeys = ["alias", "aliases"];
const indexKeys = ["index", "indices"];

function unfit(kind: string, key: string, inner: EsError): EsError {
  return xContentParseException(`[${kind}] failed to parse field [${key}]`).around(inner);
}

function namesOf(one: unknown, several: unknown): string[] {
  const value = one ?? several ?? [];
  return (Array.isArray(value) ? (value as readonly unknown[]) : [value]).map(textOf);
}
