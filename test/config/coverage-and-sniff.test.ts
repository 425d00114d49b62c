import assert from "node:assert/strict";
import test from "node:test";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { loadConfig } from "../../src/config/load.ts";

/** A file with these keys of the listener, and of the audit. */
function fileOf(listener: string, audit: string): string {
  return `listeners: [{name: es, bind: "127.0.0.1:9200", ${listener}routes: [{pool: es}]}]
pools: {es: {endpoints: ["http://127.0.0.1:19200"]}}
audit: {directory: audit, ${audit}}
`;
}

async function configOf(listener: string, audit: string) {
  const result = await loadConfig("/etc/es.yaml", { text: fileOf(listener, audit) });
  assert.ok("config" in result, JSON.stringify(result));
  return result.config;
}

async function problemsOf(listener: string, audit: string): Promise<string> {
  const result = await loadConfig("/etc/es.yaml", { text: fileOf(listener, audit) });
  return "problems" in result ? result.problems.map(formatDiagnostic).join("\n") : "";
}

test("sniffing passes and nothing is compared, unless the file says so", async () => {
  const { listeners, audit } = await configOf("", "");
  const [listener] = listeners;
  assert.ok(listener?.protocol === "http");
  assert.deepEqual([listener.sniff, listener.sniffAddress], ["pass", undefined]);
  assert.equal(audit?.coverage, undefined);
});

test("reads the address to write, and what to compare", async () => {
  const { listeners, audit } = await configOf(
    'sniff: rewrite, sniff_address: "es.example.com:443", ',
    "coverage: {pools: [es], exempt: [10.0.0.0/8, '::1']}",
  );
  const [listener] = listeners;
  assert.ok(listener?.protocol === "http");
  assert.deepEqual([listener.sniff, listener.sniffAddress], ["rewrite", "es.example.com:443"]);
  assert.deepEqual(audit?.coverage, {
    everyMs: 60_000,
    pools: ["es"],
    authorizationFile: undefined,
    exempt: ["10.0.0.0/8", "::1/128"],
  });
});

test("refuses what cannot work, with its place", async () => {
  assert.match(await problemsOf("sniff: hide, ", ""), /1:\d+: listeners\[0\]\.sniff: /);
  for (const address of ["es.example.com", "es:0", "unix:/x", "http://es:9200"])
    assert.match(
      await problemsOf(`sniff_address: "${address}", `, ""),
      /listeners\[0\]\.sniff_address: /,
      address,
    );
  assert.match(
    await problemsOf("", "coverage: {pools: [ess]}"),
    /3:\d+: audit\.coverage\.pools\[0\]: there is no pool "ess"; did you mean "es"/,
  );
  assert.match(
    await problemsOf("", "coverage: {every: 5m}"),
    /audit\.coverage\.every: at most 4m: Elasticsearch forgets/,
  );
  assert.match(
    await problemsOf("", "coverage: {authorization_file: /nowhere}"),
    /audit\.coverage\.authorization_file: \/nowhere cannot be read/,
  );
});
