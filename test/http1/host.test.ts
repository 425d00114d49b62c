import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { readHost } from "../../src/http1/framing-fields.ts";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { headStatus } from "../../src/http1/parser-states.ts";
import { vectorLimits } from "./wire-feed.ts";

const accepted = [
  "a",
  "es-1.example",
  "es.example.",
  "es_node-01",
  "127.0.0.1",
  "name:",
  "name:0",
  "name:00080",
  "name:65535",
  "[::1]",
  "[::1]:",
  "[::1]:9200",
];
const refused = [
  "",
  ":",
  ":80",
  "name::",
  "name:80:",
  "name:x",
  "name:+1",
  "name: 80",
  "name:65536",
  "name:123456",
  "[::1",
  "[::1%lo]",
  "[::1]x",
  "[]",
  "[name]",
  "::1",
  "a b",
  "a/b",
];

test("a host has a name or an address, and a port that may be empty (RFC 3986 §3.2.2, §3.2.3)", () => {
  const read = (text: string): string => {
    // Other bytes around it: the bounds are the caller's.
    const bytes = Buffer.from(`1${text}1`, "latin1");
    return readHost(bytes, 1, bytes.length - 1);
  };
  for (const text of accepted) assert.equal(read(text), "", text);
  for (const text of refused) assert.equal(read(text), "ESP_ERR_HEAD_HOST", text);
});

test("the same holds for the authority of an absolute target, which must be equal to Host", () => {
  const parse = (target: string, host: string): number => {
    const parser = new HeadParser("request", vectorLimits);
    const bytes = Buffer.from(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, "latin1");
    return parser.parse(bytes, 0, bytes.length);
  };
  for (const text of accepted) assert.equal(parse(`http://${text}/`, text), headStatus.done, text);
  // The scheme's port equals none, and so does an empty one (RFC 9110 §4.2.3).
  for (const [target, host] of [
    ["http://name:80/", "name"],
    ["http://name/", "name:80"],
    ["http://name:/", "name"],
    ["http://name/", "NAME:"],
    ["HTTP://[::1]:80/", "[::1]"],
    ["https://name:443/", "name"],
    ["https://name", "name:443"],
  ] as const)
    assert.equal(parse(target, host), headStatus.done, `${target} ${host}`);
  for (const [target, host] of [
    ["http://name:443/", "name"],
    ["https://name:80/", "name"],
    ["http://name:8080/", "name:80"],
    ["http://name:180/", "name"],
    ["http://name:80/", "nam"],
    ["http://name:80/", "other"],
    ["http://[::80]/", "[:"],
  ] as const)
    assert.equal(parse(target, host), headStatus.failed, `${target} ${host}`);
});
