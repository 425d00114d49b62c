/** Proves that the proxy in front of a server with users changes nothing and knows who asked. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { request } from "undici";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { startConfiguredProxy } from "../support/proxy-process.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { securedCorpus, superuserAuthorization } from "./corpus/all.ts";
import { differences } from "./corpus/compare.ts";
import type { Step } from "./corpus/corpus.ts";
import { replay, wipe } from "./corpus/replay.ts";

/** What was found to be so. */
export interface SecurityReport {
  /** Requests whose answers were the same directly and through the proxy. */
  readonly same: number;
  /** Exchanges whose record names who the request says it is from. */
  readonly named: number;
  /** Exchanges whose record agrees with what the cluster says of the caller (`_authenticate`). */
  readonly confirmed: number;
  readonly unauthenticated: number;
  readonly denied: number;
  /** Credentials that were looked for in the files of the audit, in all their forms. */
  readonly credentials: number;
}

/** An exchange as the audit has it: the request's record and the response's. */
type Pair = Partial<Record<"request" | "response", Readonly<Record<string, unknown>>>>;

/** Passwords of the corpus. */
const passwords = ["changeme", "secret-1", "secret-2", "secret:3", "wrong", "at-all"];

/**
 * Sends the corpus for servers with users directly and through a proxy that records whole bodies,
 * then API keys whose secrets are known here, stops the proxy and reads its audit.
 *
 * @param url the server, plain HTTP on 127.0.0.1
 * @throws {AssertionError} at the first difference
 */
export async function proveSecurity(url: string): Promise<SecurityReport> {
  await using folder = await makeTempDir("es-proxy-secured");
  const directory = folder.file("audit");
  const config = folder.file("es.yaml");
  await writeFile(
    config,
    `listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["${url}"]}}
audit: {directory: ${directory}}
`,
  );
  await using proxy = await startConfiguredProxy(config);
  const through = `http://127.0.0.1:${proxy.port}`;
  const asked: Step[] = [];
  let same = 0;
  for (const group of securedCorpus) {
    await wipe(url, superuserAuthorization);
    const direct = await replay(url, group, superuserAuthorization);
    await wipe(url, superuserAuthorization);
    const proxied = await replay(through, group, superuserAuthorization);
    for (const [at, answer] of direct.entries()) {
      const found = differences(answer, proxied[at]);
      assert.deepEqual(found, [], `${group.name} ${at + 1} ${answer.ask}`);
      same++;
    }
    asked.push(namesOfNode, ...group.steps);
  }
  const secrets = await useApiKeys(through);
  proxy.child.signal("SIGTERM");
  const { code } = await proxy.child.exited(30_000);
  assert.equal(code, 0, proxy.child.stderr);
  const pairs = await readPairs(directory);
  assert.equal(pairs.length, asked.length + apiKeyCalls, "exchanges in the audit");
  const credentials = await searchSecrets(directory, [...passwords, ...secrets]);
  return { same, ...checkIdentities(pairs, asked), credentials };
}

/** What `replay` asks first. */
const namesOfNode: Step = {
  ask: "GET /_nodes/_all/http,transport",
  headers: { authorization: superuserAuthorization },
};

const apiKeyCalls = 3;

/** Makes an API key, asks with it and ends it. Gives what nobody may read afterwards. */
async function useApiKeys(url: string): Promise<string[]> {
  const authorization = superuserAuthorization;
  const made = (await call(url, "POST /_security/api_key", { authorization }, '{"name":"p"}')) as {
    readonly id: string;
    readonly api_key: string;
    readonly encoded: string;
  };
  const who = (await call(url, "GET /_security/_authenticate", {
    authorization: `ApiKey ${made.encoded}`,
  })) as { readonly api_key: { readonly id: string } };
  assert.equal(who.api_key.id, made.id, "the cluster knows the key that went through the proxy");
  await call(url, "DELETE /_security/api_key", { authorization }, `{"ids":["${made.id}"]}`);
  return [made.api_key, made.encoded];
}

async function call(
  url: string,
  ask: string,
  headers: Record<string, string>,
  body?: string,
): Promise<unknown> {
  const [method = "", path = ""] = ask.split(" ");
  const response = await request(`${url}${path}`, {
    method,
    headers: { ...headers, "content-type": "application/json" },
    body: body ?? null,
  });
  const answer = await response.body.json();
  assert.equal(response.statusCode, 200, JSON.stringify(answer));
  return answer;
}

async function readPairs(directory: string): Promise<Pair[]> {
  const pairs = new Map<string, Pair>();
  for (const { record } of await readAudit(directory)) {
    const kind = fieldAt(record, "es_proxy.record");
    if (kind !== "request" && kind !== "response") continue;
    const id = String(fieldAt(record, "event.id"));
    pairs.set(id, { ...pairs.get(id), [kind]: record });
  }
  return [...pairs.values()];
}

interface Identities {
  readonly named: number;
  readonly confirmed: number;
  readonly unauthenticated: number;
  readonly denied: number;
}

function checkIdentities(pairs: readonly Pair[], asked: readonly Step[]): Identities {
  const counts = { named: 0, confirmed: 0, unauthenticated: 0, denied: 0 };
  for (const [at, pair] of pairs.entries()) {
    const step = asked[at];
    const { request: before = {}, response: after = {} } = pair;
    const place = `${at + 1} ${step?.ask ?? "an API key"}`;
    if (step !== undefined && checkNamed(before, step.headers ?? {}, place)) counts.named++;
    const status = fieldAt(after, "http.response.status_code");
    const type = JSON.stringify(fieldAt(after, "event.type"));
    if (status === 401) {
      assert.equal(type, '["start"]', place);
      assert.equal(fieldAt(after, "event.outcome"), "failure", place);
      counts.unauthenticated++;
    }
    if (status === 403) {
      assert.equal(type, '["access","denied"]', place);
      counts.denied++;
    }
    if (fieldAt(before, "url.path") === "/_security/_authenticate" && status === 200) {
      checkConfirmed(before, after, place);
      counts.confirmed++;
    }
  }
  return counts;
}

/** The record names the user whom the request claims to be from. */
function checkNamed(
  record: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
  place: string,
): boolean {
  const encoded = /^basic (\S+)$/i.exec(headers["authorization"] ?? "")?.[1] ?? "";
  const [name, password] = Buffer.from(encoded, "base64").toString().split(":", 2);
  // What is no Base64, or no UTF-8, claims nothing.
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded);
  const isText = name?.includes("\uFFFD") === false;
  if (password === undefined || name === "" || !isBase64 || !isText) return false;
  assert.equal(fieldAt(record, "user.name"), name, place);
  assert.equal(fieldAt(record, "user.effective.name"), headers["es-security-runas-user"], place);
  return true;
}

/** The record agrees with the cluster's own answer. */
function checkConfirmed(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  place: string,
): void {
  const body = fieldAt(after, "http.response.body.content");
  assert.ok(typeof body === "string", place);
  const said = JSON.parse(body) as {
    readonly username: string;
    readonly api_key?: { readonly id: string };
  };
  if (said.api_key !== undefined) {
    assert.equal(fieldAt(before, "user.id"), said.api_key.id, place);
    return;
  }
  const name = fieldAt(before, "user.effective.name") ?? fieldAt(before, "user.name");
  assert.equal(name, said.username, place);
}

/** No file of the audit holds a credential, as it is or in the forms it travels in. */
async function searchSecrets(directory: string, secrets: readonly string[]): Promise<number> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const forms = secrets.flatMap((secret) => [
    JSON.stringify(secret),
    `:${secret}`,
    // Three alignments of Base64, without the characters that depend on what is around.
    ...[0, 1, 2].map((shift) =>
      Buffer.from(`${"x".repeat(shift)}${secret}`)
        .toString("base64")
        .slice(Math.ceil((shift * 4) / 3), -4),
    ),
  ]);
  for (const file of files) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    const text = await readFile(path, "latin1");
    for (const form of forms)
      if (form.length >= 6) assert.ok(!text.includes(form), `${path} holds ${form}`);
  }
  return secrets.length;
}
