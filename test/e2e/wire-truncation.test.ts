import assert from "node:assert/strict";
import test, { after } from "node:test";
import { cutAfter, responseBytes } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";
import { testVariants } from "../support/test-variants.ts";
import { waitFor } from "../support/wait-for.ts";
import { fieldAt } from "../support/audit-reader.ts";

const pair = await startProxiedOrigin();
after(() => pair[Symbol.asyncDispose]());

interface Cut {
  readonly framing: "length" | "chunked" | "close";
  readonly end: "fin" | "reset";
  /**
   * HTTP version of the client: 1.0 gets chunked content de-chunked, where only a reset shows the
   * cut.
   */
  readonly version: "1.0" | "1.1";
}

const cuts: Record<string, Cut> = {};
for (const framing of ["length", "chunked", "close"] as const)
  for (const end of ["fin", "reset"] as const)
    for (const version of ["1.1", "1.0"] as const)
      cuts[`${framing}, ${end}, HTTP/${version} client`] = { framing, end, version };

testVariants(
  "a response cut at any byte is never complete to the client",
  cuts,
  async ({ framing, end, version }) => {
    const bytes = responseBytes({ body: "hello, world", framing });
    const headEnd = bytes.indexOf("\r\n\r\n") + 4;
    // A close-delimited message that ends with FIN is complete by definition (RFC 9112 §8),
    // whatever its sender meant.
    const lastVisible = framing === "close" && end === "fin" ? headEnd - 1 : bytes.length - 1;
    const offsets = Array.from({ length: lastVisible + 1 }, (_, offset) => offset);
    const problems: string[] = [];
    const one = async (offset: number): Promise<void> => {
      const target = `/cut-${framing}-${end}-${version}-${offset}`;
      pair.when(target, cutAfter(bytes, offset, end));
      using client = await pair.client();
      client.send(`GET ${target} HTTP/${version}\r\nHost: x\r\n\r\n`, "GET");
      await client.until(
        "an answer or the end",
        () => client.finals[0]?.complete === true || client.end !== "open",
      );
      const [answer, ...more] = client.finals;
      const isBadGateway = answer?.complete === true && answer.head.status === 502;
      const isVisible =
        isBadGateway ||
        (answer?.complete !== true && client.end !== "open" && client.fault === undefined);
      if (!isVisible || more.length > 0)
        problems.push(`${offset} of ${bytes.length}: ${client.describe()}`);
      if (offset === 0 && !isBadGateway)
        problems.push(`no 502 for an empty answer: ${client.describe()}`);
    };
    for (let at = 0; at < offsets.length; at += 8)
      await Promise.all(offsets.slice(at, at + 8).map(one));
    assert.deepEqual(problems, []);
  },
);

test("a whole response behind all these is still whole", async () => {
  for (const framing of ["length", "chunked"] as const) {
    pair.when(`/whole-${framing}`, ({ connection }) =>
      connection.write(responseBytes({ body: "hello, world", framing })),
    );
    using client = await pair.client();
    client.send(`GET /whole-${framing} HTTP/1.1\r\nHost: x\r\n\r\n`, "GET");
    assert.equal((await client.response()).body.toString(), "hello, world");
  }
});

test("a cut response has a terminal record that says so", async () => {
  const bytes = responseBytes({ body: "hello, world" });
  pair.when("/recorded-cut", cutAfter(bytes, bytes.length - 1, "fin"));
  using client = await pair.client();
  client.send("GET /recorded-cut HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  await client.closed();
  const records = await waitFor("two records", async () => {
    const lines = await pair.audit("/recorded-cut");
    return lines.length >= 2 ? lines : undefined;
  });
  assert.equal(records.length, 2);
  assert.equal(fieldAt(records[1]?.record ?? {}, "es_proxy.outcome"), "upstream_failed");
});
