import { Client, type Dispatcher } from "undici";
import type { CorpusGroup, Step } from "./corpus.ts";
import { maskPaths, normaliseJson, normaliseText } from "./normalise.ts";

/** One answer, normalised; what a golden file holds. */
export interface Answer {
  readonly ask: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, or text; absent when the answer has no body. */
  readonly body?: unknown;
}

const comparedHeaders = [
  "allow",
  "content-encoding",
  "content-type",
  "location",
  "warning",
  "www-authenticate",
  "x-elastic-product",
  "x-opaque-id",
];

/** Some aggregations over ranges without an end never end on a real server, either. */
const longestAnswerMs = 20_000;

/** A server did not answer one request of a group. */
export class NoAnswer extends Error {
  constructor({ ask, body }: Step, cause: unknown) {
    super(`no answer to ${ask} ${JSON.stringify(body ?? "").slice(0, 2000)}: ${String(cause)}`);
  }
}

/**
 * Sends the requests of a group in order over one connection and gives the normalised answers.
 *
 * @param url a server that holds no indices; its node is asked for its names first
 * @param authorization for asking for these names. @default none
 * @throws {NoAnswer} after 20 seconds without an answer
 */
export async function replay(
  url: string,
  group: CorpusGroup,
  authorization?: string,
): Promise<Answer[]> {
  const client = new Client(url, { headersTimeout: longestAnswerMs });
  try {
    const replacements = await learnNames(client, authorization);
    const kept = new Map<string, string>();
    const answers: Answer[] = [];
    for (const step of group.steps) {
      try {
        answers.push(await send(client, step, { replacements, kept }));
      } catch (error) {
        throw new NoAnswer(step, error);
      }
    }
    return answers;
  } finally {
    await client.close();
  }
}

/**
 * Deletes everything that a group may have left on a server.
 *
 * @param authorization of a superuser, where the server knows its users. @default none
 */
export async function wipe(url: string, authorization?: string): Promise<void> {
  const client = new Client(url);
  const nothing = '{"persistent":{"*":null},"transient":{"*":null}}';
  const everything: readonly (readonly [method: "DELETE" | "PUT", path: string, body?: string])[] =
    [
      ["PUT", "/_cluster/settings", nothing],
      // One at a time: together they would be held up by what they take away.
      ["PUT", "/*/_settings?expand_wildcards=all", '{"index.blocks.read_only":null}'],
      ["PUT", "/*/_settings?expand_wildcards=all", '{"index.blocks.metadata":null}'],
      ["DELETE", "/_search/scroll/_all"],
      ["DELETE", "/*?expand_wildcards=all"],
      ["DELETE", "/_index_template/*"],
      ["DELETE", "/_component_template/*"],
      ["DELETE", "/_template/*"],
    ];
  const field: Record<string, string> = authorization === undefined ? {} : { authorization };
  try {
    for (const [method, path, body] of everything) {
      const headers = body === undefined ? field : { ...field, "content-type": "application/json" };
      const answer = await client.request({
        method,
        path,
        headers,
        ...(body === undefined ? {} : { body }),
      });
      await answer.body.dump();
    }
    if (authorization !== undefined) await wipeSecurity(client, field);
  } finally {
    await client.close();
  }
}

async function wipeSecurity(client: Client, headers: Record<string, string>): Promise<void> {
  for (const kind of ["user", "role", "role_mapping"]) {
    const path = `/_security/${kind}`;
    const known = (await ask(client, { ask: `GET ${path}`, headers })) as Record<
      string,
      { metadata?: object } | undefined
    >;
    for (const [name, entry] of Object.entries(known)) {
      if (Object.hasOwn(entry?.metadata ?? {}, "_reserved")) continue;
      await ask(client, { ask: `DELETE ${path}/${encodeURIComponent(name)}`, headers });
    }
  }
  await wipeApiKeys(client, headers);
}

/**
 * API keys stay known after their end, so their documents are deleted, for which a role that may
 * write to the index of the server itself is made for a moment.
 */
async function wipeApiKeys(client: Client, headers: Record<string, string>): Promise<void> {
  const found = (await ask(client, {
    ask: "GET /.security/_search?size=1000&q=doc_type:api_key&filter_path=hits.hits._id",
    headers,
  })) as { readonly hits?: { readonly hits: readonly { readonly _id: string }[] } };
  const ids = (found.hits?.hits ?? []).map((hit) => hit._id);
  if (ids.length === 0) return;
  const indices = [{ names: ["*"], privileges: ["all"], allow_restricted_indices: true }];
  const credentials = Buffer.from("wiper:wiper-1").toString("base64");
  await ask(client, { ask: "PUT /_security/role/wiper", body: { indices }, headers });
  const user = { password: "wiper-1", roles: ["wiper"] };
  await ask(client, { ask: "PUT /_security/user/wiper", body: user, headers });
  await ask(client, {
    ask: "POST /.security-7/_bulk?refresh=true",
    body: ids.map((_id) => ({ delete: { _id } })),
    headers: { authorization: `Basic ${credentials}` },
  });
  await ask(client, { ask: "DELETE /_security/user/wiper", headers });
  await ask(client, { ask: "DELETE /_security/role/wiper", headers });
  await ask(client, { ask: `POST /_security/api_key/${ids.join()}/_clear_cache`, headers });
}

async function ask(client: Client, step: Step): Promise<unknown> {
  const [method = "", path = ""] = step.ask.split(" ");
  const body = encodeBody(step.body, new Map());
  const answer = await client.request({
    method,
    path,
    headers: {
      ...step.headers,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return answer.body.json();
}

interface State {
  readonly replacements: Map<string, string>;
  readonly kept: Map<string, string>;
}

async function send(client: Client, step: Step, state: State): Promise<Answer> {
  const space = step.ask.indexOf(" ");
  const method = step.ask.slice(0, space);
  const path = fillIn(step.ask.slice(space + 1), state.kept);
  const body = encodeBody(step.body, state.kept);
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const response = await client.request({
    method,
    path,
    headers: { ...type, ...fillInAll(step.headers ?? {}, state.kept) },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.body.text();
  const json = parseJson(text);
  for (const [name, from] of Object.entries(step.keep ?? {}))
    keepValue(name, valueAt(json, from), state);
  const shown =
    step.isText === true || json === undefined ? normaliseText(text, state.replacements) : json;
  const content =
    typeof shown === "string"
      ? shown
      : maskPaths(normaliseJson(shown, state.replacements), step.mask ?? []);
  return {
    ask: step.ask,
    status: response.statusCode,
    headers: pickHeaders(response, method, state),
    ...(text === "" ? {} : { body: content }),
  };
}

function pickHeaders(
  response: Dispatcher.ResponseData,
  method: string,
  state: State,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of comparedHeaders) {
    const value = response.headers[name];
    if (value === undefined) continue;
    headers[name] = normaliseText(
      Array.isArray(value) ? value.join(" | ") : value,
      state.replacements,
    );
  }
  // Only a HEAD answer's length says something that the body does not.
  const length = response.headers["content-length"];
  if (method === "HEAD" && typeof length === "string") headers["content-length"] = length;
  return headers;
}

function encodeBody(body: unknown, kept: ReadonlyMap<string, string>): string | undefined {
  if (body === undefined) return undefined;
  if (typeof body === "string") return fillIn(body, kept);
  if (!Array.isArray(body)) return fillIn(JSON.stringify(body), kept);
  return fillIn(body.map((line) => `${JSON.stringify(line)}\n`).join(""), kept);
}

function fillInAll(
  headers: Readonly<Record<string, string>>,
  kept: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, fillIn(value, kept)]),
  );
}

function fillIn(text: string, kept: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => kept.get(name) ?? `no-${name}`);
}

function keepValue(name: string, value: unknown, state: State): void {
  if (typeof value !== "string") return;
  state.kept.set(name, value);
  state.replacements.set(value, `<${name}>`);
}

function valueAt(value: unknown, path: string): unknown {
  let at = value;
  for (const key of path.split(".")) at = (at as Record<string, unknown> | undefined)?.[key];
  return at;
}

/** Parses JSON; numbers with digits that JavaScript would not write, `1.0`, become `~1.0`. */
function parseJson(text: string): unknown {
  try {
    return parseWithSource(text, (_key, value, { source }) =>
      typeof value === "number" && source !== undefined && String(value) !== source
        ? `~${source}`
        : value,
    );
  } catch {
    return undefined;
  }
}

// Every supported Node hands the source text of a primitive to the reviver, newer than the library
// of TypeScript.
const parseWithSource = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/** Names that a server chose for itself: node id, node name, addresses. */
async function learnNames(
  client: Client,
  authorization: string | undefined,
): Promise<Map<string, string>> {
  const response = await client.request({
    method: "GET",
    path: "/_nodes/_all/http,transport",
    ...(authorization === undefined ? {} : { headers: { authorization } }),
  });
  const info = (await response.body.json()) as NodesInfo;
  const names = new Map<string, string>();
  for (const [id, node] of Object.entries(info.nodes ?? {})) {
    names.set(id, "<node id>");
    names.set(node.name, "<node name>");
    if (node.transport_address !== undefined)
      names.set(node.transport_address, "<transport address>");
    if (node.http !== undefined) names.set(node.http.publish_address, "<http address>");
  }
  return names;
}

interface NodesInfo {
  readonly nodes?: Readonly<Record<string, NodeInfo>>;
}

interface NodeInfo {
  readonly name: string;
  readonly transport_address?: string;
  readonly http?: { readonly publish_address: string };
}
