import assert from "node:assert/strict";
import { test } from "node:test";
import { startMockEs } from "../../mock-es/index.ts";
import { assertAlternatingRequests, assertSameRequests, hostOf } from "./request-comparison.ts";
import { proveTransparency, variants } from "./transparency.ts";

for (const variant of variants) {
  test(`the official client and the mock see no difference when the proxy is between them, ${variant.name}`, async () => {
    const mock = await startMockEs({ port: 0 });
    try {
      const report = await proveTransparency(mock.url, variant);
      const skipped = report.scenarios.filter((scenario) => scenario.skipped !== undefined);
      assert.deepEqual(skipped, [], "the mock covers every scenario");
      const directHost = new URL(mock.url).host;
      const received = mock.requests.all();
      const isRaw = (host: string): boolean => host === "scenario";
      const byClient = received.filter(
        (request) => !isRaw(hostOf(request)) && isOfClient(request.headers),
      );
      const pairs = assertSameRequests(byClient, directHost);
      const rawPairs = assertAlternatingRequests(
        received.filter((request) => isRaw(hostOf(request))),
      );
      assert.equal(pairs + rawPairs, report.audited, "requests through the proxy");
    } finally {
      await mock.close();
    }
  });
}

/** The scenarios prepare some things without the client. */
function isOfClient(headers: readonly string[]): boolean {
  return headers.some((name) => name.toLowerCase() === "x-elastic-client-meta");
}
