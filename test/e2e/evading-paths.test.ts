import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";

import { startMockEs, type MockEs } from "../../mock-es/index.ts";
import { routeTable } from "../../mock-es/route-table.ts";
import { createRouter } from "../../mock-es/rest/router.ts";
import { matchApiEndpoint } from "../../src/elasticsearch/api/api-endpoint.ts";
import { fieldAt, readAudit, type AuditLine } from "../support/audit-reader.ts";
import { startConfiguredProxy, type ProxyProcess } from "../support/proxy-process.ts";
import { connectRaw } from "../support/raw-client.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

interface Stage extends AsyncDisposable {
  readonly mock: MockEs;
  readonly proxy: ProxyProcess;
  readonly folder: TempDir;
}

/** A mock behind routes of which two are recorded less than the rest. */
async function startStage(more = ""): Promise<Stage> {
  const mock = await startMockEs();
  const folder = await makeTempDir("evading");
  const file = folder.file("es-proxy.yaml");
  writeFileSync(
    file,
    `listeners:
  - name: es
    protocol: http
    bind: 127.0.0.1:0
    routes:
      - {path: /, pool: es}
      - {path: /health, pool: es, audit: {level: none}}
      - {path: /_cat, pool: es, audit: {level: metadata}}
${more}
pools:
  es: {endpoints: ["${mock.url}"]}
  other: {endpoints: ["${mock.url}"]}
audit: {directory: ${JSON.stringify(folder.file("audit"))}, format: ecs}
`,
  );
  const proxy = await startConfiguredProxy(file);
  return {
    mock,
    proxy,
    folder,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await mock.close();
      await folder.remove();
    },
  };
}

/** Sends one request on a connection of its own. @returns the status */
async function send(proxy: ProxyProcess, method: string, target: string, id: string) {
  using client = await connectRaw({ host: proxy.host, port: proxy.port });
  const body = method === "PUT" ? '{"a":1}' : "";
  const type = body === "" ? "" : "Content-Type: application/json\r\n";
  client.send(
    `${method} ${target} HTTP/1.1\r\nHost: es\r\nX-Opaque-Id: ${id}\r\n${type}` +
      `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    method,
  );
  await client.until("an answer", () => client.finals.length > 0);
  return client.finals[0]?.head.status ?? 0;
}

/** Ways to lead a path that begins elsewhere to `/health` or `/_cat`, by one reader or another. */
function spellings(): string[] {
  const dots = ["..", "%2e%2e", ".%2e", "%2E.", "..;", "..;x=1", "..%3b"];
  const slashes = ["/", "%2f", "%2F", "\\", "%5c", "//", "/./", "%2f.%2f"];
  const ends = ["health", "_cat", "health/x"];
  const found = new Set<string>();
  for (const dot of dots)
    for (const slash of slashes)
      for (const end of ends) {
        const up = (count: number): string => Array.from({ length: count }, () => dot).join(slash);
        found.add(`/secret/_doc/x${slash}${up(4)}${slash}${end}`);
        found.add(`/secret,${up(2)}${slash}${end}/_search?ignore_unavailable=true`);
      }
  for (const start of ["/health", "/_cat"])
    for (const mark of [";", ";x=1", "%3b", ";,", "%3B,"]) {
      found.add(`${start}${mark},secret/_search?ignore_unavailable=true`);
      found.add(`http://es${start}${mark},secret/_search?ignore_unavailable=true`);
      found.add(`${start}${mark}/../secret/_search`);
    }
  found.add("http://es/secret/_doc/%2e%2e%2f%2e%2e%2f%2e%2e%2fhealth");
  found.add("http://es/secret/_search?x=/health");
  // What the head parser refuses (raw backslash) leaves a record of its own and reaches nobody.
  return [...found];
}

test("no spelling of a path passes unrecorded, and the record says what the server acted on", async () => {
  await using stage = await startStage();
  const { mock, proxy, folder } = stage;
  const acting = createRouter(routeTable);
  const all = spellings();
  assert.ok(all.length >= 200, `${all.length} spellings`);
  const sent: { id: string; method: string; status: number }[] = [];
  for (const [index, target] of all.entries())
    for (const method of ["PUT", "GET", "DELETE"].slice(0, index % 3 === 0 ? 3 : 1)) {
      const used = method === "PUT" && target.includes("_search") ? "GET" : method;
      const id = `s${index}-${method}`;
      sent.push({ id, method: used, status: await send(proxy, used, target, id) });
    }
  const byId = new Map<string, AuditLine>();
  await waitFor("all records", async () => {
    for (const line of await readAudit(folder.file("audit"), { allowTornTail: true })) {
      const id = fieldAt(line.record, "es_proxy.headers.x-opaque-id");
      if (typeof id === "string") byId.set(id, line);
    }
    return byId.size >= sent.filter(({ status }) => status !== 400).length;
  });
  // What the mock received is what was acted on; each has a full record of the same call.
  let compared = 0;
  for (const exchange of mock.requests.all()) {
    const at = exchange.headers.findIndex((name) => name.toLowerCase() === "x-opaque-id");
    const id = exchange.headers[at + 1] ?? "";
    const { target, method } = exchange;
    const record = byId.get(id)?.record;
    assert.ok(record !== undefined, `${method} ${target} left no record`);
    const path = target.split("?")[0] ?? "";
    const acted = acting.match(method, path);
    if (acted.kind !== "matched") continue;
    const canonical = acted.route.path.replaceAll(/\{[^}]*\}/g, "x");
    const name = matchApiEndpoint(method, canonical).endpoint.name;
    assert.equal(fieldAt(record, "event.action"), name, `${method} ${target}`);
    const index = acted.pathParameters["index"];
    const indices = index === undefined ? undefined : index.split(",").filter((one) => one !== "");
    assert.deepEqual(fieldAt(record, "es_proxy.indices"), indices, `${method} ${target}`);
    if (method === "PUT")
      assert.equal(fieldAt(record, "http.request.body.content"), '{"a":1}', `${method} ${target}`);
    compared += 1;
  }
  assert.ok(compared >= 100, `${compared} were acted on`);
});

test("names in another case are other indices, and calls that name others are recorded as these", async () => {
  await using stage = await startStage();
  const { mock, proxy, folder } = stage;
  const json = { "content-type": "application/json" };
  const url = `http://${proxy.host}:${proxy.port}`;
  const bulk = '{"index":{"_index":"secret","_id":"1"}}\n{"a":1}\n';
  const asked: [method: string, target: string, body?: string][] = [
    ["PUT", "/health/_doc/1", '{"a":1}'],
    ["POST", "/health/_search", "{}"],
    ["POST", "/health/_bulk", bulk],
    ["PUT", "/health/_bulk?refresh", bulk],
    ["POST", "/health/_bulk/", bulk],
    ["POST", "/%68ealth/_bulk", bulk],
    ["POST", "/health/_mget", '{"docs":[{"_index":"secret","_id":"1"}]}'],
    ["POST", "/health/_msearch", '{"index":"secret"}\n{}\n'],
    ["POST", "/health/_mtermvectors", '{"docs":[{"_index":"secret","_id":"1"}]}'],
    ["PUT", "/health/_clone/secret2"],
    ["GET", "/health,secret/_search"],
    ["GET", "/secret,health/_search"],
  ];
  for (const name of ["HEALTH", "Health", "hEALTH", "%48ealth", "healt%48", "h%45alth"])
    for (const rest of ["/_search", "/_doc/1", "", "/_bulk"])
      for (const slash of ["/", "//", "/./", "/%2f"]) {
        asked.push([rest === "/_bulk" ? "POST" : "GET", `${slash}${name}${rest}`]);
        asked.push(["GET", `${slash}_CAT/${name}`]);
      }
  for (const [index, [method, target, body]] of asked.entries()) {
    const headers = { ...json, "x-opaque-id": `c${index}` };
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    await (await fetch(url + target, init)).arrayBuffer();
  }
  const unrecorded = new Set(["c0", "c1"]);
  const ids = mock.requests.all().map(({ headers }) => {
    const at = headers.findIndex((name) => name.toLowerCase() === "x-opaque-id");
    return headers[at + 1] ?? "";
  });
  const recorded = new Map<string, AuditLine>();
  await waitFor("all records", async () => {
    for (const line of await readAudit(folder.file("audit"), { allowTornTail: true })) {
      const id = fieldAt(line.record, "es_proxy.headers.x-opaque-id");
      if (typeof id === "string") recorded.set(id, line);
    }
    return ids.every((id) => recorded.has(id) || unrecorded.has(id));
  });
  assert.ok(ids.length > 20, `${ids.length} reached the server`);
  assert.deepEqual(
    [...unrecorded].filter((id) => recorded.has(id)),
    [],
    "its own index is not",
  );
  const stored = recorded.get("c2")?.record ?? {};
  assert.equal(fieldAt(stored, "http.request.body.content"), bulk);
});

test("a path that leads to different pools by different readings is refused and recorded", async () => {
  await using stage = await startStage("      - {path: /other, pool: other}");
  const { mock, proxy, folder } = stage;
  for (const target of ["/secret/..%2fother/_doc/1", "/other;,secret/_search", "/x/%2e%2e/other"])
    assert.equal(await send(proxy, "GET", target, "pools"), 400, target);
  assert.equal(mock.requests.count, 0, "nothing reached a server");
  await waitFor("the records", async () => {
    const lines = await readAudit(folder.file("audit"), { allowTornTail: true });
    return (
      lines.filter(({ record }) => fieldAt(record, "error.code") === "ESP_ERR_TARGET_AMBIGUOUS")
        .length === 3
    );
  });
  assert.equal(
    await send(proxy, "GET", "/secret/_doc/a%2Fb", "ordinary"),
    404,
    "ids may hold slashes",
  );
});

test("what stands where a target should is on record, with all bytes that came", async () => {
  await using stage = await startStage();
  const { mock, proxy, folder } = stage;
  const rest = "HTTP/1.1\r\nHost: es\r\n\r\nand what follows";
  const heads: readonly (readonly [head: string, original: string | undefined])[] = [
    [`GET /\u00e4/_search?x=1 ${rest}`, "/\u00e4/_search?x=1"],
    [`GET /a%zz/_doc/1 ${rest}`, "/a%zz/_doc/1"],
    ["GET /a\r\n", "/a"],
    [`GET /a#b ${rest}`, "/a#b"],
    [`get a:b ${rest}`, "/a:b"],
    [`G\u00e4T /a ${rest}`, undefined],
  ];
  const bytes = heads.map(([head]) => Buffer.from(head, "latin1"));
  for (const head of bytes) {
    using client = await connectRaw({ host: proxy.host, port: proxy.port });
    client.send(head, "GET");
    await client.closed();
  }
  const requestsOf = async (): Promise<AuditLine[]> => {
    const lines = await readAudit(folder.file("audit"), { allowTornTail: true });
    return lines.filter(({ record }) => fieldAt(record, "es_proxy.record") === "request");
  };
  await waitFor("the records", async () => (await requestsOf()).length === heads.length);
  assert.equal(mock.requests.count, 0);
  for (const [at, { record }] of (await requestsOf()).entries()) {
    const [head = "", original] = heads[at] ?? [];
    assert.equal(fieldAt(record, "url.original") || undefined, original, head);
    assert.equal(fieldAt(record, "es_proxy.received"), bytes[at]?.length, head);
  }
});
