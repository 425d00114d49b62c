import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { loadWitnessConfig } from "../../src/config/load-witness.ts";
import type { WitnessOptions } from "../../src/witness/witness-options.ts";
import { seededKey, seededMlDsaKey } from "../tlog/keys.ts";

const prod = seededKey("es-proxy.example.com/prod", 1).verifier.toString();
const test2 = seededKey("es-proxy.example.com/test", 2).verifier.toString();
const mlDsa = seededMlDsaKey("es-proxy.example.com/prod", 3).verifier.toString();

function options(text: string): WitnessOptions {
  const result = loadWitnessConfig("/etc/es-proxy/witness.yaml", { text });
  assert.ok("options" in result, JSON.stringify(result));
  return result.options;
}

function problems(text: string): string[] {
  const result = loadWitnessConfig("w.yaml", { text });
  assert.ok("problems" in result, "the file was accepted");
  return result.problems.map(formatDiagnostic);
}

test("reads the shortest file, with one Ed25519 key in the directory", () => {
  const read = options(`
name: witness.example/w1
bind: 127.0.0.1:9182
directory: state
logs:
  - vkey: ${prod}
`);
  assert.deepEqual(read.bind, { kind: "tcp", host: "127.0.0.1", port: 9182 });
  assert.equal(read.directory, "/etc/es-proxy/state");
  assert.deepEqual(read.keys, [
    { type: "ed25519-cosignature", file: "/etc/es-proxy/state/ed25519.key" },
  ]);
  assert.equal(read.logs[0]?.origin, "es-proxy.example.com/prod");
  assert.equal(read.logs[0].keys[0]?.toString(), prod);
});

test("reads keys in files of their own, logs with several keys, and origins", () => {
  const read = options(`
name: witness.example/w1
bind: unix:/run/witness.sock
directory: /var/lib/witness
keys: [{type: ml-dsa-44, file: keys/pq.pem}, {type: ed25519}]
logs:
  - vkey: [${prod}, ${mlDsa}]
  - {vkey: ${test2}, origin: go.sum database tree}
`);
  assert.deepEqual(read.keys, [
    { type: "ml-dsa-44-cosignature", file: "/etc/es-proxy/keys/pq.pem" },
    { type: "ed25519-cosignature", file: "/var/lib/witness/ed25519.key" },
  ]);
  assert.deepEqual(
    read.logs.map(({ origin, keys }) => [origin, keys.length]),
    [
      ["es-proxy.example.com/prod", 2],
      ["go.sum database tree", 1],
    ],
  );
});

test("names every problem with its place", () => {
  assert.deepEqual(
    problems(`name: a b
bind: nowhere
directry: x
keys: [{type: rsa}]
logs:
  - vkey: nonsense
  - {}
`),
    [
      "w.yaml:1:1: directory: is missing",
      "w.yaml:1:7: name: a name of a key has neither blanks nor plus signs, as in " +
        "witness.example/w1",
      'w.yaml:2:7: bind: a port is missing in "nowhere"; write host:port',
      'w.yaml:3:1: directry: unknown key; did you mean "directory"?',
      'w.yaml:4:15: keys[0].type: expected one of ed25519, ml-dsa-44; got "rsa"',
      "w.yaml:6:11: logs[0].vkey: a vkey has the form NAME+KEYID+BASE64",
      "w.yaml:7:5: logs[1].vkey: is missing",
    ],
  );
  const head = "name: w\nbind: 127.0.0.1:1\ndirectory: d\n";
  assert.deepEqual(
    problems(`${head}keys: [{type: ed25519}, {type: ed25519}]
logs:
  - vkey: ${prod}
  - vkey: ${prod}
  - vkey: [${prod}, ${test2}]
  - vkey: []
tls: {cert: /nonexistent/c.pem, key: /nonexistent/k.pem}
`),
    [
      "w.yaml:4:32: keys[1].type: there is a second ed25519 key",
      "w.yaml:7:11: logs[1].vkey: the log es-proxy.example.com/prod is listed already",
      "w.yaml:8:11: logs[2].vkey: the keys have different names: origin is missing",
      "w.yaml:9:11: logs[3].vkey: is empty: at least one key is needed",
      "w.yaml:10:13: tls.cert: /nonexistent/c.pem cannot be read: no such file",
      "w.yaml:10:38: tls.key: /nonexistent/k.pem cannot be read: no such file",
    ],
  );
});

test("a file of something else is not read aloud", () => {
  assert.deepEqual(problems("secret: [unclosed"), [
    "w.yaml: is no configuration: it has none of its sections (name, bind, tls, directory, " +
      "keys, logs)",
  ]);
});

test("the file of docs/witness.md can be used as it is", () => {
  const page = readFileSync(new URL("../../docs/witness.md", import.meta.url), "utf8");
  const [, example = ""] = /```yaml\n([^]*?)```/.exec(page) ?? [];
  assert.equal(options(example).keys.length, 2);
});
