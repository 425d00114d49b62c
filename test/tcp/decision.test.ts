import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDecision } from "../../src/tcp/decision.ts";
import type { TcpErrorCode } from "../../src/core/tcp-errors.ts";

const remote = "127.0.0.1:1";

test("accepts every form of the contract", () => {
  for (const value of [
    { remote },
    { remote: "[::1]:9418" },
    {
      remote: "name.example:65535",
      data: "x",
      reply: Buffer.from("y"),
      connectTimeoutMs: 0.5,
      inactivityTimeoutMs: 1000,
    },
    { pool: "git", data: new Uint8Array(2) },
    { noop: true },
    { noop: true, reply: "N" },
    { close: true },
    { close: "" },
    { close: Buffer.from("bye") },
    { remote, data: undefined, noop: undefined },
  ])
    assert.equal(parseDecision(value).ok, true, JSON.stringify(value));
});

const refused: readonly (readonly [code: TcpErrorCode, text: RegExp, value: unknown])[] = [
  ["ESP_ERR_TCP_DECISION_TYPE", /undefined/, undefined],
  ["ESP_ERR_TCP_DECISION_TYPE", /null/, null],
  ["ESP_ERR_TCP_DECISION_TYPE", /"127.0.0.1:1"/, remote],
  ["ESP_ERR_TCP_DECISION_TYPE", /an array/, [{ remote }]],
  ["ESP_ERR_TCP_DECISION_TYPE", /bytes/, Buffer.from("x")],
  ["ESP_ERR_TCP_DECISION_TYPE", /true/, true],
  ["ESP_ERR_TCP_DECISION_TYPE", /function/, () => ({ remote })],
  ["ESP_ERR_TCP_DECISION_EMPTY", /none of/, {}],
  ["ESP_ERR_TCP_DECISION_EMPTY", /none of/, { data: "x" }],
  ["ESP_ERR_TCP_DECISION_EMPTY", /none of/, { remote: undefined }],
  ["ESP_ERR_TCP_DECISION_KEY", /"connectTimeout"/, { remote, connectTimeout: 1 }],
  ["ESP_ERR_TCP_DECISION_KEY", /\\n/, { "re\nmote": remote }],
  ["ESP_ERR_TCP_DECISION_CONTRADICTION", /remote, pool/, { remote, pool: "p" }],
  ["ESP_ERR_TCP_DECISION_CONTRADICTION", /remote, noop/, { remote, noop: true }],
  ["ESP_ERR_TCP_DECISION_CONTRADICTION", /noop, close/, { noop: true, close: true }],
  ["ESP_ERR_TCP_DECISION_CONTRADICTION", /close, reply/, { close: true, reply: "x" }],
  ["ESP_ERR_TCP_DECISION_CONTRADICTION", /noop, data/, { noop: true, data: "x" }],
  ["ESP_ERR_TCP_DECISION_VALUE", /noop is false/, { noop: false }],
  ["ESP_ERR_TCP_DECISION_VALUE", /close is false/, { close: false }],
  ["ESP_ERR_TCP_DECISION_VALUE", /remote is 5/, { remote: 5 }],
  ["ESP_ERR_TCP_DECISION_VALUE", /pool is the string ""/, { pool: "" }],
  ["ESP_ERR_TCP_DECISION_VALUE", /data is a value of type object/, { remote, data: {} }],
  ["ESP_ERR_TCP_DECISION_VALUE", /reply is null/, { remote, reply: null }],
  ["ESP_ERR_TCP_DECISION_VALUE", /connectTimeoutMs is 0/, { remote, connectTimeoutMs: 0 }],
  [
    "ESP_ERR_TCP_DECISION_VALUE",
    /connectTimeoutMs is NaN/,
    { remote, connectTimeoutMs: Number.NaN },
  ],
  [
    "ESP_ERR_TCP_DECISION_VALUE",
    /inactivityTimeoutMs is Infinity/,
    { remote, inactivityTimeoutMs: Infinity },
  ],
  [
    "ESP_ERR_TCP_DECISION_VALUE",
    /inactivityTimeoutMs is the string "1"/,
    { remote, inactivityTimeoutMs: "1" },
  ],
  ...[
    "",
    "host",
    "host:",
    ":1",
    "host:0",
    "host:65536",
    "host:1e3",
    "host: 1",
    "::1:80",
    "[::1]",
    "[::1]:",
    "[1.2.3.4]:1",
    "[x]:1",
    "a b:1",
    "h\0:1",
    "http://h:1",
    "h:1/",
    "h:+1",
    "-h:1",
  ]
    .filter((text) => text !== "")
    .map((text) => ["ESP_ERR_TCP_DECISION_REMOTE", /not host:port/, { remote: text }] as const),
];

for (const [code, text, value] of refused)
  test(`refuses ${describe(value)} with ${code}`, () => {
    const result = parseDecision(value);
    assert.equal(result.ok, false);
    if (result.ok) return;
    assert.equal(result.failure.code, code);
    assert.match(result.failure.message, text);
    assert.equal(result.failure instanceof Error, false);
  });

function describe(value: unknown): string {
  return typeof value === "object" && value !== null
    ? JSON.stringify(value)
    : `${typeof value} ${String(value)}`;
}
