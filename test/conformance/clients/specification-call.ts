/** Makes the calls of test files from the API specification, as Elastic's Java runner does. */
import { request } from "undici";
import type { ApiPath, ApiSpecification, ApiSpecifications } from "./api-specification.ts";
import type { Call, Caller, CallOutcome } from "./call.ts";
import { NotAsked, throwIfRefused } from "./stops.ts";

/** What {@link specificationCaller} needs. */
export interface SpecificationCallerOptions {
  readonly url: string;
  /** The specification that the tests are written for. */
  readonly written: ApiSpecifications;
  /** The specification of the server's version: what it does not have cannot be asked for. */
  readonly served: ApiSpecifications;
  /** API names whose every route the server has to have. */
  readonly supported?: ReadonlySet<string>;
}

/** A caller that builds requests from the specification. */
export function specificationCaller(options: SpecificationCallerOptions): Caller {
  return (call) => makeCall(call, options);
}

async function makeCall(call: Call, options: SpecificationCallerOptions): Promise<CallOutcome> {
  const api = options.written.apis.get(call.api);
  if (api === undefined) throw new Error(`the specification has no API ${call.api}`);
  const { body: given, ...parameters } = call.parameters;
  const path = choosePath(api, Object.keys(parameters));
  const problem = problemOf(api, path, parameters, given, options.written.common);
  if (path === undefined || problem !== undefined)
    return notMade(problem ?? `${call.api}: no path takes ${Object.keys(parameters).join()}`);
  refuseRemoved(call, path, parameters, options.served);
  const body = bodyOf(api, given);
  const method = methodOf(path, body !== undefined);
  const target = targetOf(path, parameters);
  const answer = await request(`${options.url}${target}`, {
    method,
    headers: { ...typeOf(api, body), ...call.headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.body.text();
  const { statusCode } = answer;
  const isJson = String(answer.headers["content-type"]).includes("json");
  const value = method === "HEAD" ? statusCode < 300 : isJson ? parseAnswer(text) : text;
  throwIfRefused(call.api, statusCode, value, options.supported);
  const warnings = [answer.headers["warning"] ?? []].flat();
  const isFine = statusCode < 400 || call.ignore.includes(statusCode);
  const error = isFine || method === "HEAD" ? undefined : { status: statusCode, text };
  return { body: value, warnings: warnings.map(unescapeWarning), error };
}

/** A call that the caller itself refuses: what `catch: param` expects. */
function notMade(text: string): CallOutcome {
  return { body: undefined, warnings: [], error: { status: undefined, text } };
}

/** The path with the most placeholders of those for which every placeholder has a value. */
function choosePath(api: ApiSpecification, names: readonly string[]): ApiPath | undefined {
  const fitting = api.paths.filter((path) => path.parts.every((part) => names.includes(part)));
  const sorted = fitting.toSorted((a, b) => b.parts.length - a.parts.length);
  return sorted[0];
}

function problemOf(
  api: ApiSpecification,
  path: ApiPath | undefined,
  parameters: Readonly<Record<string, unknown>>,
  body: unknown,
  common: ReadonlySet<string>,
): string | undefined {
  if (path === undefined) return undefined;
  const unknown = Object.keys(parameters).filter(
    (name) => !path.parts.includes(name) && !api.parameters.has(name) && !common.has(name),
  );
  if (unknown.length > 0) return `${api.name}: unknown parameter ${unknown.join()}`;
  const empty = path.parts.find((part) => parameters[part] === "");
  if (empty !== undefined) return `${api.name}: the parameter ${empty} is empty`;
  return api.requiresBody && body === undefined ? `${api.name}: a body is required` : undefined;
}

/**
 * Ends the test when it uses what the server's version no longer has, such as mapping types.
 *
 * @throws {NotAsked}
 */
function refuseRemoved(
  call: Call,
  path: ApiPath,
  parameters: Readonly<Record<string, unknown>>,
  served: ApiSpecifications,
): void {
  const api = served.apis.get(call.api);
  if (api === undefined) throw new NotAsked(`the server's version has no API ${call.api}`);
  const isServed = api.paths.some((other) => shapeOf(other.path) === shapeOf(path.path));
  if (!isServed) throw new NotAsked(`the server's version has no path ${path.path}`);
  for (const name of Object.keys(parameters)) {
    if (path.parts.includes(name) || api.parameters.has(name) || served.common.has(name)) continue;
    throw new NotAsked(`the server's version has no parameter ${name} of ${call.api}`);
  }
}

function shapeOf(path: string): string {
  return path.replaceAll(/\{[^}]*\}/g, "{}");
}

function methodOf(path: ApiPath, hasBody: boolean): string {
  const [first = "GET"] = path.methods;
  return hasBody && first === "GET" && path.methods.includes("POST") ? "POST" : first;
}

function targetOf(path: ApiPath, parameters: Readonly<Record<string, unknown>>): string {
  const filled = path.path.replaceAll(/\{([^}]*)\}/g, (_, name: string) =>
    encodeURIComponent(listText(parameters[name])),
  );
  const pairs = Object.entries(parameters)
    .filter(([name]) => !path.parts.includes(name))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(listText(value))}`);
  return pairs.length === 0 ? filled : `${filled}?${pairs.join("&")}`;
}

function listText(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(",") : String(value);
}

/** A text goes out as it is; a list is a list of lines where the API takes lines. */
function bodyOf(api: ApiSpecification, given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === "string") return withoutTypes(given);
  if (!api.takesLines) return toJson(given);
  const lines = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  const texts = lines.map((line) => (typeof line === "string" ? line.trimEnd() : toJson(line)));
  return texts.map((text) => `${withoutTypes(text)}\n`).join("");
}

/** Mapping types are gone since version 8; bulk lines still name them where they need not. */
function withoutTypes(text: string): string {
  return text.replaceAll(/,\s*"_type"\s*:\s*"[^"]*"|"_type"\s*:\s*"[^"]*"\s*,?/g, "");
}

function typeOf(api: ApiSpecification, body: string | undefined): Record<string, string> {
  if (body === undefined) return {};
  return { "content-type": api.takesLines ? "application/x-ndjson" : "application/json" };
}

// JSON.rawJSON and the source text of a reviver are newer than the type library.
const exactJson = JSON as unknown as {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
};

function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === "bigint" ? exactJson.rawJSON(String(entry)) : entry,
  );
}

/** An answer as JSON, whole numbers with all their digits. */
function parseAnswer(text: string): unknown {
  return exactJson.parse(text, (_key, value, { source }) =>
    typeof value === "number" &&
    source !== undefined &&
    !Number.isSafeInteger(value) &&
    /^-?\d+$/.test(source)
      ? BigInt(source)
      : value,
  );
}

/** The text of a `Warning` field: `299 agent "text"`. */
function unescapeWarning(field: string): string {
  const text = /^\d{3} \S+ "((?:[^"\\]|\\.)*)"/.exec(field)?.[1] ?? field;
  return text.replaceAll(/\\(.)/g, "$1");
}
