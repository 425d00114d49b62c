import { gzipSync } from "node:zlib";
import { respond } from "../../test/support/origin-scripts.ts";
import type { LeakScenario } from "../scenario.ts";
import { expectEnd, expectStatus, request } from "../fixture.ts";

const connections = 8;
const requestsEach = 6;
const large = JSON.stringify({ pad: "x".repeat(40_000) });

/** Traffic in which nothing goes wrong. */
export const ordinaryScenarios: readonly LeakScenario[] = [
  {
    name: "ordinary requests on connections that are kept",
    async run(fixture) {
      fixture.when("/large", respond({ body: large, framing: "chunked" }));
      const requests = [
        request("GET", "/"),
        request("POST", "/i/_search", '{"size":1}'),
        request("GET", "/large"),
        request("PUT", "/i/_doc/1", large),
      ];
      await fixture.times(connections, async () => {
        using client = await fixture.client();
        for (let n = 0; n < requestsEach; n += 1) {
          const bytes = requests[n % requests.length] ?? request("GET", "/");
          client.send(bytes, bytes.toString("latin1", 0, 4).trim());
          expectStatus(await client.response(n + 1), 200);
        }
      });
    },
  },
  {
    name: "pipelined requests, and clients that finish sending first",
    async run(fixture) {
      await fixture.times(connections, async () => {
        using client = await fixture.client();
        client.send(
          Buffer.concat([request("GET", "/1"), request("HEAD", "/2"), request("GET", "/3")]),
          "GET",
          "HEAD",
          "GET",
        );
        expectStatus(await client.response(3), 200);
        client.halfClose();
        expectEnd(await client.closed(), "fin", "destroyed");
      });
    },
  },
  {
    name: "gzip in both directions",
    async run(fixture) {
      const coded = gzipSync(large);
      fixture.when(
        "/gzip",
        respond({
          body: coded,
          fields: [
            ["Content-Type", "application/json"],
            ["Content-Encoding", "gzip"],
          ],
        }),
      );
      await fixture.times(connections, () =>
        fixture.exchange(
          request("POST", "/gzip", coded, "Content-Encoding: gzip\r\nAccept-Encoding: gzip\r\n"),
        ),
      );
    },
  },
  {
    name: "a connection for each request, closed by either side, HTTP/1.0 too",
    async run(fixture) {
      await fixture.times(connections, async (index) => {
        for (let n = 0; n < requestsEach; n += 1) {
          const close = index % 2 === 0;
          if (n % 3 === 2) await fixture.exchange("GET /old HTTP/1.0\r\nHost: x\r\n\r\n");
          else
            await fixture.exchange(
              request("GET", "/churn", undefined, close ? "Connection: close\r\n" : ""),
            );
        }
      });
    },
  },
  {
    name: "malformed requests, unfinished heads and unknown framings",
    async run(fixture) {
      await fixture.times(connections, async () => {
        await fixture.exchange("GET / HTTP/1.1\r\nHost: x\r\nBad Name: 1\r\n\r\n", 400);
        await fixture.exchange(
          request("POST", "/", undefined, "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
          400,
        );
        using half = await fixture.client();
        half.send("GET / HTTP/1.1\r\nHos");
        half.reset();
        using slow = await fixture.client();
        slow.send("GET / HTTP/1.1\r\nHos", "GET");
        expectStatus(await slow.response(), 408);
      });
    },
  },
];
