import { setTimeout as sleep } from "node:timers/promises";
import { cutAfter, respond, responseBytes, stall } from "../../test/support/origin-scripts.ts";
import type { OriginConnection } from "../../test/support/recording-origin.ts";
import type { LeakScenario } from "../scenario.ts";
import { expectEnd, expectStatus, request } from "../fixture.ts";

const connections = 8;
const answer = responseBytes({ body: "y".repeat(100_000) });
const half = answer.length >> 1;

/** Traffic in which a client or an endpoint breaks off, stalls or is not there. */
export const faultScenarios: readonly LeakScenario[] = [
  {
    name: "clients that go away while they upload",
    async run(fixture) {
      const before = fixture.origin.requestsFor("/upload").length;
      await fixture.times(connections, async (index) => {
        using client = await fixture.client();
        client.send(
          request(
            "POST",
            "/upload",
            undefined,
            "Content-Type: application/json\r\nContent-Length: 1000000\r\n",
          ),
        );
        // More than is kept for another try: with less of it an upload takes no connection.
        client.send(Buffer.alloc(100_000, 120));
        await fixture.origin.until(
          "the uploads began",
          () => fixture.origin.requestsFor("/upload").length >= before + connections,
        );
        if (index % 2 === 0) client.reset();
        else client.halfClose();
        if (index % 2 === 1) await client.closed();
      });
    },
  },
  {
    name: "clients that go away before their upload is worth a connection",
    async run(fixture) {
      await fixture.times(connections, async (index) => {
        using client = await fixture.client();
        const fields = "Content-Type: application/json\r\nContent-Length: 1000000\r\n";
        client.send(request("POST", "/barely", undefined, fields));
        client.send(Buffer.alloc(20_000, 120));
        if (index % 2 === 0) client.reset();
        else client.halfClose();
        if (index % 2 === 1) await client.closed();
      });
    },
  },
  {
    name: "clients that go away while they download",
    async run(fixture) {
      fixture.when("/download", ({ connection }) => connection.write(answer.subarray(0, half)));
      await fixture.times(connections, async (index) => {
        using client = await fixture.client();
        client.send(request("GET", "/download"), "GET");
        await client.until("half the answer", () => client.receivedBytes > 10_000);
        if (index % 2 === 0) client.reset();
        else client.halfClose();
        if (index % 2 === 1) await client.closed();
      });
    },
  },
  {
    name: "clients that go away while they wait",
    async run(fixture) {
      fixture.when("/never", stall());
      await fixture.times(connections, async () => {
        const before = fixture.origin.requestsFor("/never").length;
        using client = await fixture.client();
        client.send(request("GET", "/never"), "GET");
        await fixture.origin.until(
          "the request arrived",
          () => fixture.origin.requestsFor("/never").length > before,
        );
        client.reset();
      });
    },
  },
  {
    name: "endpoints that reset before and in the answer",
    async run(fixture) {
      fixture.when("/reset/before", cutAfter(answer, 0, "reset"));
      fixture.when("/reset/head", cutAfter(answer, 20, "reset"));
      fixture.when("/reset/body", cutAfter(answer, half, "reset"));
      await fixture.times(connections, async () => {
        await fixture.exchange(request("POST", "/reset/before", "{}"), 502);
        await fixture.exchange(request("POST", "/reset/head", "{}"), 502);
        using client = await fixture.client();
        client.send(request("GET", "/reset/body"), "GET");
        await client.closed();
        if (client.finals[0]?.complete === true) throw new Error("a cut answer looked complete");
      });
    },
  },
  {
    name: "truncated answers, by length, by chunks and by close",
    async run(fixture) {
      const chunks = responseBytes({ body: "y".repeat(100_000), framing: "chunked" });
      const closing = responseBytes({ body: "y".repeat(100_000), framing: "close" });
      fixture.when("/cut/length", cutAfter(answer, half, "fin"));
      fixture.when("/cut/chunks", cutAfter(chunks, half, "fin"));
      fixture.when("/cut/close", cutAfter(closing, closing.length, "fin"));
      await fixture.times(connections, async () => {
        for (const target of ["/cut/length", "/cut/chunks", "/cut/close"]) {
          using client = await fixture.client();
          client.send(request("GET", target), "GET");
          await client.closed();
        }
      });
    },
  },
  {
    name: "an endpoint that nobody listens on",
    async run(fixture) {
      await fixture.times(connections, () => fixture.exchange(request("GET", "/refused"), 502));
    },
  },
  {
    name: "endpoints that never answer or stop in the answer",
    async run(fixture) {
      fixture.when("/stall", stall());
      fixture.when("/stall/body", ({ connection }) => connection.write(answer.subarray(0, half)));
      await fixture.times(connections, async (index) => {
        if (index % 2 === 0) {
          await fixture.exchange(request("GET", "/stall"), 504);
          return;
        }
        using client = await fixture.client();
        client.send(request("GET", "/stall/body"), "GET");
        expectEnd(await client.closed(), "fin", "reset", "destroyed");
      });
    },
  },
  {
    name: "uploads that stop",
    async run(fixture) {
      await fixture.times(connections, async () => {
        using client = await fixture.client();
        client.send(
          request(
            "POST",
            "/upload/stops",
            undefined,
            "Content-Type: application/json\r\nContent-Length: 100000\r\n",
          ),
          "POST",
        );
        client.send(Buffer.alloc(10_000, 120));
        expectStatus(await client.response(), 408);
      });
    },
  },
  {
    name: "clients that read slowly, and clients that do not read at all",
    async run(fixture) {
      // More than the kernel's buffers hold on both sides.
      const whole = responseBytes({ body: Buffer.alloc(48_000_000, "z") });
      const unread: OriginConnection[] = [];
      fixture.when("/big", async ({ connection }) => connection.write(whole));
      fixture.when("/unread", async ({ connection }) => {
        unread.push(connection);
        await connection.write(whole);
      });
      const reading = async (): Promise<void> => {
        using client = await fixture.client({ startsPaused: true });
        client.send(request("GET", "/big"), "GET");
        await sleep(100);
        client.socket.resume();
        expectStatus(await client.response(1, 20_000), 200);
      };
      const notReading = async (): Promise<void> => {
        using client = await fixture.client({ startsPaused: true });
        client.send(request("GET", "/unread"), "GET");
        await fixture.origin.until("the proxy gave up", () => unread[0]?.isClosed === true, 20_000);
        // A paused socket learns of the reset when it reads.
        client.socket.resume();
        await client.closed();
        if (client.finals[0]?.complete === true)
          throw new Error("the whole answer came although nobody read it");
      };
      await Promise.all([reading(), notReading()]);
    },
  },
  {
    name: "early answers to uploads",
    async run(fixture) {
      fixture.whenHead("/early", respond({ status: 413, body: "{}" }));
      fixture.when("/early", stall());
      await fixture.times(connections, async () => {
        using client = await fixture.client();
        client.send(
          request(
            "POST",
            "/early",
            undefined,
            "Content-Type: application/json\r\nContent-Length: 500000\r\n",
          ),
          "POST",
        );
        client.send(Buffer.alloc(100_000, 120));
        expectStatus(await client.response(), 413);
      });
    },
  },
];
