import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib";

import type { ExchangeRecord } from "../../src/audit/record/exchange-record.ts";
import type { BodyTap } from "../../src/audit/tap/body-tap.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import {
  ended,
  giveRequest,
  openTrail,
  recordingLog,
  someRecord,
  someRoute,
  type LogLine,
} from "./trail-fixture.ts";

const canary = "C4n4ry-S3cret";

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

interface Exchange {
  readonly changes: Partial<ExchangeRecord>;
  readonly request?: string | Buffer;
  readonly response?: string | Buffer;
}

const exchanges: Readonly<Record<string, Exchange>> = {
  "Basic password": { changes: { authorization: `Basic ${base64(`elastic:a:${canary}`)}` } },
  "Basic without a colon": { changes: { authorization: `Basic ${base64(canary)}` } },
  "ApiKey secret": { changes: { authorization: `ApiKey ${base64(`id:${canary}`)}` } },
  "ApiKey without a colon": { changes: { authorization: `ApiKey ${base64(canary)}` } },
  "opaque Bearer token": { changes: { authorization: `Bearer ${canary}` } },
  "JWT signature": {
    changes: {
      authorization: `bearer ${base64("{}")}.${base64('{"sub":"a"}').replaceAll("=", "")}.${canary}`,
    },
  },
  "SigV4 signature": {
    changes: { authorization: `AWS4-HMAC-SHA256 Credential=AKID/x, Signature=${canary}` },
  },
  "unknown scheme": { changes: { authorization: `Negotiate ${canary}` } },
  "bare credential": { changes: { authorization: canary } },
  "query parameter": {
    changes: {
      target: `/_search?api_key=${canary}&Access-Token=${canary}&sig=${canary}&t%6fken=${canary}`,
    },
  },
  userinfo: { changes: { target: `http://elastic:${canary}@es:9200/_search` } },
  "created API key": {
    changes: { target: "/_security/api_key" },
    request: `{"name":"a"}`,
    response: `{"id":"1","api_key":"${canary}","encoded":"${base64(`1:${canary}`)}"}`,
  },
  "user's password": {
    changes: { method: "PUT", target: "/_security/user/bob" },
    request: `{"password":"${canary}"}`,
    response: "{}",
  },
  "large security body": {
    changes: { method: "POST", target: "/_security/oauth2/token" },
    request: `{"password":"${canary}","x":"${"y".repeat(3000)}"}`,
    response: `{"access_token":"${canary}","z":"${"y".repeat(3000)}"}`,
  },
  "remote reindex": {
    changes: { target: "/_reindex" },
    request: `{"source":{"remote":{"host":"http://h","password":"${canary}"}}}`,
  },
  "inference settings": {
    changes: { method: "PUT", target: "/_inference/completion/openai" },
    request: `{"service_settings":{"api_key":"${canary}"}}`,
  },
  "unknown security endpoint": {
    changes: { target: "/_security/plugin/x" },
    request: `{"whatever":"${canary}"}`,
    response: `{"whatever":"${canary}"}`,
  },
  "compressed settings": {
    changes: { method: "PUT", target: "/_cluster/settings", contentEncoding: "gzip" },
    request: gzipSync(`{"password":"${canary}"}`),
  },
  "settings in a coding nobody knows": {
    changes: { method: "PUT", target: "/_cluster/settings", contentEncoding: "rot13" },
    request: canary,
  },
  "secret key in an ordinary body": {
    changes: { method: "PUT", target: "/_cluster/settings" },
    request: `{"persistent":{"xpack.notification.password" : "${canary}","a":{"client_secret":"x\\"${canary}"}}}`,
  },
};

for (const [format, level] of [
  ["ecs", "full"],
  ["ecs", "facts"],
  ["text", "full"],
] as const) {
  for (const isStreamed of [false, true]) {
    test(`${format}: no secret reaches disk or log, bodies ${isStreamed ? "streamed" : "at hand"}, level ${level}`, async () => {
      await using directory = await makeTempDir();
      const log: LogLine[] = [];
      const facts = { key: () => Buffer.alloc(32, 7), watch: [] };
      const trail = openTrail(directory.path, { format, log: recordingLog(log), facts });
      for (const { changes, request, response } of Object.values(exchanges)) {
        const record = someRecord({ route: someRoute({ level }), ...changes });
        if (request !== undefined) give(request, trail.tapRequest(record), isStreamed);
        trail.request(record, undefined);
        if (response !== undefined) give(response, trail.tapResponse(record), isStreamed);
        trail.response(ended(record), undefined);
      }
      await trail.close();
      const all = readdirSync(directory.path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== "redaction.key")
        .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
        .map((bytes) =>
          (bytes.readUInt32LE(0) === 0xfd2fb528 ? zstdDecompressSync(bytes) : bytes).toString(
            "latin1",
          ),
        )
        .join("\n");
      assert.ok(all.includes("_reindex"), "the exchanges are recorded");
      const decoded = all.replaceAll(
        /[A-Za-z0-9+/]{16,}={0,2}/g,
        (text) => `${text} ${Buffer.from(text, "base64").toString("latin1")}`,
      );
      const gzipped = all.matchAll(/H4sI[A-Za-z0-9+/]+={0,2}/g);
      for (const [text] of gzipped)
        assert.ok(!gunzipSync(Buffer.from(text, "base64")).includes(canary));
      const at = decoded.indexOf(canary);
      assert.equal(at, -1, `found: ${decoded.slice(Math.max(0, at - 200), at + 40)}`);
      assert.ok(!decoded.includes(base64(canary).slice(0, 12)));
      assert.ok(!JSON.stringify(log).includes(canary));
    });
  }
}

function give(content: string | Buffer, tap: BodyTap, isStreamed: boolean): void {
  const body = typeof content === "string" ? Buffer.from(content) : content;
  if (!isStreamed) {
    tap.whole(body, 0, body.length);
    return;
  }
  tap.write(body, 0, body.length);
  tap.finish(true);
}

test("equal secrets give equal tokens, different ones different tokens, and another key gives others", async () => {
  const tokens: string[][] = [];
  for (const hmacKey of [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]) {
    await using directory = await makeTempDir();
    const trail = openTrail(directory.path, { hmacKey });
    for (const secret of ["one", "one", "two"])
      trail.request(someRecord({ authorization: `Bearer ${secret}` }), undefined);
    await trail.close();
    const records = (await readAudit(directory.path)).slice(0, 3);
    tokens.push(records.map(({ record }) => String(fieldAt(record, "es_proxy.auth.token"))));
  }
  const [first = [], second = []] = tokens;
  assert.equal(first[0], first[1]);
  assert.notEqual(first[0], first[2]);
  assert.notEqual(first[0], second[0]);
});

test("an ordinary body stays readable around a secret that was replaced, and is marked", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const record = someRecord({ method: "PUT", target: "/_cluster/settings" });
  giveRequest(
    trail,
    record,
    Buffer.from(`{"tokens":[{"term":"kept"}],"password":"${canary}","size":10}`),
  );
  trail.request(record, undefined);
  await trail.close();
  const [request] = await readAudit(directory.path);
  const content = JSON.parse(
    String(fieldAt(request?.record ?? {}, "http.request.body.content")),
  ) as Record<string, unknown>;
  assert.deepEqual(content["tokens"], [{ term: "kept" }]);
  assert.equal(content["size"], 10);
  assert.match(String(content["password"]), /^redacted-[0-9a-f]{32}$/);
  assert.equal(fieldAt(request?.record ?? {}, "es_proxy.request_body.redaction"), "redacted");
});

test("an answer that begins before its request has ended is taken for the worst", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const answer = (text: string): string =>
    JSON.stringify({ docs: [{ _source: { password: text } }] });
  for (const [target, text] of [
    ["/_mget?filter_path=docs._source", canary],
    ["/_search?filter_path=hits", canary],
    ["/logs/_doc/1", "the user's own"],
  ] as const) {
    const record = someRecord({ target });
    const asked = trail.tapRequest(record);
    asked.write(Buffer.from('{"docs":['), 0, 9);
    trail.request(record, undefined);
    give(answer(text), trail.tapResponse(record), true);
    const rest = Buffer.from('{"_index":".security"}]}');
    asked.write(rest, 0, rest.length);
    asked.finish(true);
    trail.response(ended(record), undefined);
  }
  await trail.close();
  const all = JSON.stringify(await readAudit(directory.path));
  assert.ok(!all.includes(canary));
  assert.match(all, /the user's own/);
});
