/** Tools from npm against mock-es. Run by `make test-tools`, not by `make test`. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startMockEs } from "../../mock-es/index.ts";
import { npmPackage, runProgram, temporaryFolder } from "./tools.ts";

test("elasticdump copies mapping and documents of an index to a file and into another", async (t) => {
  const installed = await npmPackage(t, "elasticdump@6.125.1");
  if (installed === undefined) return;
  const folder = await temporaryFolder(t);
  const mock = await startMockEs();
  t.after(async () => {
    await mock.close();
  });
  const json = { "content-type": "application/json" };
  const mappings = { properties: { n: { type: "integer" }, k: { type: "keyword" } } };
  await fetch(`${mock.url}/from`, {
    method: "PUT",
    headers: json,
    body: JSON.stringify({ mappings }),
  });
  const lines = Array.from({ length: 250 }, (_unused, n) => [
    JSON.stringify({ index: { _id: String(n) } }),
    JSON.stringify({ n, k: `k${n % 7}` }),
  ]);
  await fetch(`${mock.url}/from/_bulk?refresh=true`, {
    method: "POST",
    headers: json,
    body: `${lines.flat().join("\n")}\n`,
  });
  const program = join(installed, "node_modules", "elasticdump", "bin", "elasticdump");
  const dump = (input: string, output: string, type: string): ReturnType<typeof runProgram> =>
    runProgram(process.execPath, [
      program,
      `--input=${input}`,
      `--output=${output}`,
      `--type=${type}`,
      "--limit=100",
    ]);
  const file = join(folder, "data.json");
  await dump(`${mock.url}/from`, `${mock.url}/to`, "mapping");
  await dump(`${mock.url}/from`, file, "data");
  assert.equal((await readFile(file, "utf8")).trim().split("\n").length, 250);
  await dump(file, `${mock.url}/to`, "data");
  await fetch(`${mock.url}/to/_refresh`, { method: "POST" });
  const counted = await fetch(`${mock.url}/to/_count`);
  assert.equal(((await counted.json()) as { count: number }).count, 250);
  assert.deepEqual(
    mock.store.indices.get("to")?.mappings.find("k")?.type,
    mock.store.indices.get("from")?.mappings.find("k")?.type,
  );
});
