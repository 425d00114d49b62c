/** What fields of a request decide before its route: written as 9.5.3 answers. */
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { test } from "node:test";
import type { MockEs } from "../../mock-es/index.ts";
import { basic, elastic, secured } from "./security-fixture.ts";
import { errorOf, send, startFor } from "./running-mock.ts";

interface Answered {
  readonly status: number;
  readonly opaqueId: string | undefined;
  readonly json: unknown;
}

/** Sends a request whose fields may stand there several times. */
async function sendFields(mock: MockEs, fields: readonly string[]): Promise<Answered> {
  const { hostname, port } = new URL(mock.url);
  return await new Promise((resolve, reject) => {
    const request = httpRequest(
      { hostname, port, path: "/_cluster/health", agent: false, headers: ["Host", "x", ...fields] },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => (text += part));
        response.on("end", () => {
          const { statusCode = 0, headers } = response;
          const id = headers["x-opaque-id"];
          const opaqueId = typeof id === "string" ? id : undefined;
          resolve({ status: statusCode, opaqueId, json: JSON.parse(text) as unknown });
        });
      },
    );
    request.on("error", reject);
    request.end();
  });
}

function reasonIn({ json }: Answered): unknown {
  return (json as { error?: { reason?: unknown } }).error?.reason;
}

const right = elastic["authorization"] ?? "";
const wrong = basic("elastic", "wrong")["authorization"] ?? "";

await test("a field that has one value is refused with two, whoever asks", async (t) => {
  const { mock } = await secured(t);
  for (const [name, ...values] of [
    ["Authorization", right, wrong],
    ["Authorization", wrong, right],
    ["es-security-runas-user", "a", "b"],
    ["es-secondary-authorization", right, wrong],
    ["ES-Client-Authentication", "a", "b"],
    ["tracestate", "a", "b"],
  ] as const) {
    const answer = await sendFields(
      mock,
      values.flatMap((value) => [name, value]),
    );
    assert.equal(answer.status, 400);
    assert.equal(reasonIn(answer), `multiple values for single-valued header [${name}].`);
  }
  const twice = await sendFields(mock, ["Authorization", right, "authorization", right]);
  assert.equal(twice.status, 200);
});

await test("an opaque id is told once, and refused with another one", async (t) => {
  const mock = await startFor(t);
  const two = await sendFields(mock, ["X-Opaque-Id", "a", "X-Opaque-Id", "b"]);
  assert.deepEqual([two.status, two.opaqueId], [400, "a"]);
  const same = await sendFields(mock, ["X-Opaque-Id", "a", "X-Opaque-Id", "a"]);
  assert.deepEqual([same.status, same.opaqueId], [200, "a"]);
});

await test("media types stand in one field, which is looked at behind the caller", async (t) => {
  const { mock } = await secured(t);
  const accept = ["Accept", "application/json", "Accept", "application/json"];
  const answer = await sendFields(mock, ["Authorization", right, ...accept]);
  assert.equal(answer.status, 400);
  assert.equal(reasonIn(answer), "Invalid media-type value on headers [Accept]");
  assert.equal((await sendFields(mock, accept)).status, 401);
});

await test("a caller is asked for before the type of a body", async (t) => {
  const { mock } = await secured(t);
  const headers = { "content-type": "text/plain" };
  assert.equal((await send(mock, "POST", "/_search", { body: "{}", headers })).status, 401);
  const known = { ...headers, ...elastic };
  assert.equal((await send(mock, "POST", "/_search", { body: "{}", headers: known })).status, 406);
});

await test("methods are told to anybody, but not for a body", async (t) => {
  const { mock } = await secured(t);
  const told = await send(mock, "OPTIONS", "/_search");
  assert.deepEqual([told.status, told.headers.allow], [200, "GET,POST"]);
  const refused = await send(mock, "OPTIONS", "/_search", { body: {} });
  assert.equal(errorOf(refused).reason, "OPTIONS requests with a payload body are not supported");
});

await test("a secondary caller has to prove who it is where there is a route", async (t) => {
  const { mock } = await secured(t);
  const ask = async (target: string, secondary: string): Promise<number> => {
    const headers = { ...elastic, "es-secondary-authorization": secondary };
    return (await send(mock, "GET", target, { headers })).status;
  };
  assert.equal(await ask("/_search", right), 200);
  assert.equal(await ask("/_search", ""), 200);
  assert.equal(await ask("/no/such/route/x", wrong), 400);
  const headers = { ...elastic, "es-secondary-authorization": wrong };
  const refused = await send(mock, "GET", "/_search", { headers });
  assert.equal(refused.status, 401);
  assert.equal(errorOf(refused).reason, "Failed to authenticate secondary user");
  assert.equal(refused.headers["www-authenticate"], undefined);
});

await test("a refused caller gets the format that the request line asks for", async (t) => {
  const { mock } = await secured(t);
  assert.match((await send(mock, "GET", "/_search?pretty")).text, /^\{\n {2}"error" : \{/);
  const yaml = await send(mock, "GET", "/_search?format=yaml");
  assert.equal(yaml.headers["content-type"], "application/yaml");
});
