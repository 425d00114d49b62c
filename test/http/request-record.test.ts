import assert from "node:assert/strict";
import { test } from "node:test";

import type { ConnectionFacts } from "../../src/audit/record/exchange-record.ts";
import { requestRecord } from "../../src/http/request-record.ts";
import { headWith } from "./head-fixture.ts";

const facts: ConnectionFacts = {
  listener: "es",
  peerAddress: "127.0.0.1",
  peerPort: 1,
  localAddress: "127.0.0.1",
  localPort: 2,
  proxy: undefined,
  tls: undefined,
  rendered: undefined,
};

test("of a field with several lines all are noted, equal ones once", () => {
  const head = headWith([
    "Host: es",
    "Authorization: Basic YTpi",
    "X-Opaque-Id: a",
    "X-Forwarded-For: 10.0.0.1",
    "authorization: Basic Yzpk",
    "es-security-runas-user: x",
    "Content-Type: application/json",
    "X-Forwarded-For: 10.0.0.2, 10.0.0.3",
    "es-security-runas-user: y",
    "X-Opaque-Id: a",
    "Content-Type: application/yaml",
  ]);
  const record = requestRecord(facts, head);
  assert.equal(record.authorization, "Basic YTpi, Basic Yzpk");
  assert.equal(record.runAs, "x, y");
  assert.equal(record.forwardedFor, "10.0.0.1, 10.0.0.2, 10.0.0.3");
  assert.equal(record.opaqueId, "a");
  assert.equal(record.contentType, "application/json");
});
