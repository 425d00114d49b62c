import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { ClusterClient } from "../../../src/audit/ship/cluster-client.ts";
import { importDashboard } from "../../../src/audit/ship/kibana-import.ts";
import {
  kibanaLines,
  kibanaObjects,
  type SavedObject,
} from "../../../src/audit/ship/kibana-objects.ts";
import { streamTemplate } from "../../../src/audit/ship/stream-template.ts";
import { usualDataStream } from "../../../src/audit/ship/target-name.ts";
import { compileFilter } from "../../../src/kql/filter.ts";

type Json = Record<string, unknown>;

/** Type of a field in the index template; `undefined`: it is not mapped. */
function mappedType(field: string): string | undefined {
  const { template } = streamTemplate({
    dataStream: usualDataStream,
    retention: undefined,
    replicas: 0,
    codec: "default",
  }) as { template: { mappings: Json } };
  let level: Json = template.mappings;
  for (const part of field.split(".")) {
    const properties = (level["properties"] ?? {}) as Record<string, Json>;
    const next = properties[part];
    if (next === undefined) return undefined;
    level = next;
  }
  return typeof level["type"] === "string" ? level["type"] : undefined;
}

function attributesOf({ attributes }: SavedObject): Json {
  return attributes;
}

function parsed(value: unknown): Json {
  return JSON.parse(String(value)) as Json;
}

const objects = kibanaObjects(usualDataStream);
const ofType = (type: string): SavedObject[] => objects.filter((object) => object.type === type);

test("every reference resolves within the file, and names an object before it", () => {
  const seen = new Set<string>();
  assert.equal(new Set(objects.map(({ id }) => id)).size, objects.length);
  for (const { id, type, references } of objects) {
    for (const reference of references)
      assert.ok(seen.has(`${reference.type} ${reference.id}`), `${id}: ${reference.id}`);
    assert.equal(new Set(references.map(({ name }) => name)).size, references.length, id);
    seen.add(`${type} ${id}`);
  }
});

test("searches and panels name their data view by a reference that they have", () => {
  for (const search of ofType("search")) {
    const meta = attributesOf(search)["kibanaSavedObjectMeta"] as Json;
    const { indexRefName } = parsed(meta["searchSourceJSON"]);
    assert.ok(
      search.references.some(({ name }) => name === indexRefName),
      search.id,
    );
  }
  for (const lens of ofType("lens")) {
    const state = attributesOf(lens)["state"] as { datasourceStates: Record<string, Json> };
    for (const layer of Object.keys(state.datasourceStates["formBased"]?.["layers"] ?? {}))
      assert.deepEqual(
        lens.references.map(({ name }) => name),
        [`indexpattern-datasource-layer-${layer}`],
      );
  }
});

test("the dashboard shows every search and panel once, side by side without overlap", () => {
  const [dashboard] = ofType("dashboard");
  assert.ok(dashboard !== undefined);
  const panels = JSON.parse(String(attributesOf(dashboard)["panelsJSON"])) as {
    panelIndex: string;
    panelRefName: string;
    type: string;
    gridData: { x: number; y: number; w: number; h: number };
  }[];
  const shown = panels.map(({ panelIndex, panelRefName, type }) => {
    const name = `${panelIndex}:${panelRefName}`;
    const reference = dashboard.references.find((one) => one.name === name);
    assert.equal(reference?.type, type);
    return reference?.id;
  });
  const expected = [...ofType("lens"), ...ofType("search")].map(({ id }) => id);
  assert.deepEqual(shown.toSorted(), expected.toSorted());
  const cells = new Set<string>();
  for (const { gridData } of panels)
    for (let x = gridData.x; x < gridData.x + gridData.w; x += 1)
      for (let y = gridData.y; y < gridData.y + gridData.h; y += 1) {
        assert.ok(x < 48);
        assert.ok(!cells.has(`${x},${y}`), `two panels at ${x},${y}`);
        cells.add(`${x},${y}`);
      }
});

test("every field is one of the index template, of a type that its use needs", () => {
  const [view] = ofType("index-pattern");
  assert.equal(view === undefined ? "" : attributesOf(view)["title"], usualDataStream);
  assert.equal(mappedType("@timestamp"), "date");
  for (const search of ofType("search"))
    for (const column of attributesOf(search)["columns"] as string[])
      assert.ok(mappedType(column) !== undefined, `${search.id}: ${column}`);
  for (const lens of ofType("lens")) {
    const { datasourceStates } = attributesOf(lens)["state"] as {
      datasourceStates: {
        formBased: {
          layers: Record<string, { columnOrder: string[]; columns: Record<string, Json> }>;
        };
      };
    };
    for (const { columnOrder, columns } of Object.values(datasourceStates.formBased.layers)) {
      assert.deepEqual(columnOrder.toSorted(), Object.keys(columns).toSorted());
      for (const { operationType, sourceField, params } of Object.values(columns)) {
        if (operationType === "count") continue;
        const type = mappedType(String(sourceField));
        const allowed = {
          date_histogram: ["date"],
          terms: ["keyword", "ip", "long", "boolean"],
          sum: ["long"],
          percentile: ["long"],
        }[String(operationType)];
        assert.ok(allowed?.includes(type ?? ""), `${lens.id}: ${String(sourceField)} is ${type}`);
        const { orderBy } = (params ?? {}) as { orderBy?: { columnId: string } };
        assert.ok(orderBy === undefined || Object.hasOwn(columns, orderBy.columnId), lens.id);
      }
    }
  }
});

test("every filter is understood, and asks for fields that there are", () => {
  const filters: string[] = [];
  for (const search of ofType("search")) {
    const meta = attributesOf(search)["kibanaSavedObjectMeta"] as Json;
    const { query } = parsed(meta["searchSourceJSON"]) as { query: { query: string } };
    filters.push(query.query);
  }
  for (const lens of ofType("lens")) {
    const { query } = attributesOf(lens)["state"] as { query: { query: string } };
    filters.push(query.query);
  }
  for (const filter of filters) {
    // No word of ours: Kibana knows full names only.
    for (const [, field = ""] of filter.matchAll(/([\w.@]+)\s*(?::|>=)/g))
      assert.ok(mappedType(field) !== undefined, `${filter}: ${field}`);
    assert.deepEqual(compileFilter(filter, { nowMs: 0 }).warnings, [], filter);
  }
});

test("deploy/kibana-dashboard.ndjson is what setup imports", () => {
  const file = readFileSync("deploy/kibana-dashboard.ndjson", "utf8");
  assert.equal(file, kibanaLines(usualDataStream));
});

/** A Kibana as far as its import goes. */
async function startKibana(t: TestContext, answer: unknown) {
  const asked: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      asked.push({ url: request.url ?? "", headers: request.headers, body });
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answer));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new ClusterClient({
    nodes: [`http://127.0.0.1:${(server.address() as AddressInfo).port}/s/audit`],
    authorization: () => Promise.resolve("ApiKey a2V5"),
    timeoutMs: 10_000,
    product: "kibana",
  });
  t.after(async () => {
    await client.close();
    server.close();
  });
  return { asked, client };
}

test("the import is a file in a form, with what Kibana wants against forged requests", async (t) => {
  const { asked, client } = await startKibana(t, { success: true, successCount: objects.length });
  assert.equal(await importDashboard(client, usualDataStream), objects.length);
  const [request] = asked;
  assert.equal(request?.url, "/s/audit/api/saved_objects/_import?overwrite=true");
  assert.equal(request?.headers["kbn-xsrf"], "es-proxy");
  assert.equal(request?.headers["authorization"], "ApiKey a2V5");
  const form = await new Response(request?.body, {
    headers: { "content-type": request?.headers["content-type"] ?? "" },
  }).formData();
  const file = form.get("file");
  assert.ok(file instanceof File);
  assert.equal(file.name, "es-proxy.ndjson");
  assert.equal((await file.text()).trimEnd(), kibanaLines(usualDataStream).trimEnd());
});

test("an object that Kibana does not take is told by name", async (t) => {
  const { client } = await startKibana(t, {
    success: false,
    successCount: 1,
    errors: [{ id: "x", type: "lens", error: { type: "missing_references" } }],
  });
  await assert.rejects(importDashboard(client, usualDataStream), /lens x: missing_references/);
});
