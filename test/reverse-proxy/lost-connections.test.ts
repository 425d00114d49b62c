import assert from "node:assert/strict";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { respond, responseBytes } from "../support/origin-scripts.ts";
import type { OriginScript } from "../support/recording-origin.ts";
import { repeatable } from "../upstream/upstream-fixture.ts";
import { startScenarios, tally } from "./fixture.ts";
import type { Act, SendOptions } from "./fixture.ts";

/** Requests with resets at random points; the whole proof is 10,000. */
const resetRequests = Number(process.env["ES_PROXY_RESETS"] ?? 2000);
const idleRequests = 5000;
const seed = Number(process.env["ES_PROXY_SEED"] ?? 20_260_101);
const random = repeatable(seed);
const answer = responseBytes({ body: JSON.stringify({ took: 1, filler: "x".repeat(2000) }) });

/**
 * Answers, promises to keep the connection, and closes it a moment later: the proxy's next request
 * may meet the FIN.
 */
const closesWhenIdle: OriginScript = async (exchange) => {
  await respond({ body: "{}" })(exchange);
  if (random() < 0.5) return;
  await sleep(Math.floor(random() * 3));
  exchange.connection.fin();
};

/** Breaks off before the answer, within its head or its body, or not at all. */
const resetsSomewhere: OriginScript = async ({ connection }) => {
  const draw = random();
  if (draw < 0.7) return connection.write(answer);
  if (draw > 0.85) await connection.write(answer.subarray(0, Math.floor(random() * answer.length)));
  connection.reset();
};

/** Breaks off within the request, sometimes. */
const resetsUploads: OriginScript = ({ connection }) => {
  if (random() < 0.05) connection.reset();
};

const { fixture, act } = await startScenarios({
  idle: { origins: [{ onRequest: closesWhenIdle, keepsBodies: false }], pool: ["outlier: false"] },
  resets: {
    origins: [1, 2, 3].map(() => ({
      onRequest: resetsSomewhere,
      onHead: resetsUploads,
      keepsBodies: false,
    })),
    pool: ["outlier: false", "retry: {attempts: 4, backoff: 0, budget_percent: 100}"],
  },
});
after(() => fixture[Symbol.asyncDispose]());

/** Every third request is a write. */
const isWrite = (index: number): boolean => index % 3 === 0;

function call(index: number): SendOptions {
  if (!isWrite(index)) return { path: `/_search?n=${index}` };
  return { method: "POST", path: `/_bulk?n=${index}`, body: '{"index":{}}\n{"a":1}\n' };
}

/** Sends them all; gives the statuses of reads and of writes. */
async function sendAll(scene: Act, count: number) {
  const reads: number[] = [];
  const writes: number[] = [];
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      (isWrite(index) ? writes : reads).push((await scene.send(call(index))).status);
    }
  };
  await Promise.all(Array.from({ length: 16 }, loop));
  return { reads: tally(reads), writes: tally(writes) };
}

/** Writes that came to an origin more than once, whole or in part. */
function doubled(scene: Act): string[] {
  const targets = scene.origins.flatMap(({ requests }) => requests.map(({ head }) => head.target));
  return [...tally(targets.filter((target) => target.includes("_bulk")))].flatMap(
    ([target, times]) => (times > 1 ? [target] : []),
  );
}

test(`endpoints that close idle connections fail no read and double no write (${idleRequests} requests, seed ${seed})`, async () => {
  const scene = act("idle");
  const { reads, writes } = await sendAll(scene, idleRequests);
  assert.deepEqual([...reads.keys()], [200]);
  assert.deepEqual(
    [...writes.keys()].filter((status) => status !== 200 && status !== 500),
    [],
  );
  assert.deepEqual(doubled(scene), []);
  assert.ok(
    scene.origins[0]?.connections.some(({ requests }) => requests.length > 1),
    "connections were used again",
  );
});

test(`resets at random points deliver no write twice (${resetRequests} requests, seed ${seed})`, async () => {
  const scene = act("resets");
  const { reads, writes } = await sendAll(scene, resetRequests);
  assert.deepEqual(doubled(scene), []);
  // 0: the answer had begun, and was cut visibly. 500: nobody knows what became of the write.
  assert.deepEqual(
    [...writes.keys()].filter((status) => ![0, 200, 500].includes(status)),
    [],
  );
  assert.deepEqual(
    [...reads.keys()].filter((status) => ![0, 200, 502].includes(status)),
    [],
  );
  assert.ok((writes.get(500) ?? 0) > 0, "some writes were lost");
  assert.ok((reads.get(200) ?? 0) > (reads.get(502) ?? 0) * 20, "reads were repeated elsewhere");
});
