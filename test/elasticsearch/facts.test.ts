import { test } from "node:test";

import { startMockEs } from "../../mock-es/index.ts";
import { proveFacts } from "./facts-proof.ts";
import { runJavaScript } from "./facts-scenario.ts";

test("the facts of what the official client did are what the mock says afterwards", async (t) => {
  const mock = await startMockEs({ port: 0 });
  t.after(() => mock.close());
  const scale = { documents: 1000, scrolled: 3000, pageSize: 500 };
  await proveFacts(mock.url, runJavaScript, scale);
});
