/** What `make check-cost` measures: scenarios of the benchmark with shorter rounds. */
import { fileURLToPath } from "node:url";
import { esProxy, esProxyAudit } from "../bench/peers/es-proxy.ts";
import { bareRelay } from "../bench/peers/node-script.ts";
import type { Peer } from "../bench/peers/peer.ts";
import type { Scenario } from "../bench/scenarios.ts";
import { requestBytes } from "../bench/request-bytes.ts";
import { scenarios } from "../bench/scenarios.ts";
import { stampLength } from "../bench/stamp.ts";

/** One kind of load with its number of requests. */
export interface CostCase {
  /** Key in the file of accepted figures. */
  readonly name: string;
  readonly scenario: Scenario;
  readonly peer: Peer;
  /** Requests before the first window, enough for V8 to compile what is hot for the last time. */
  readonly warmup: number;
  /** Requests of each window. */
  readonly requests: number;
  /** Arguments for Node beside those of every case. */
  readonly nodeArguments: readonly string[];
}

/**
 * Fewer connections than in the benchmark: all of them are ready in each turn of the slow proxy's
 * event loop, so the turns are alike.
 */
const connections = { short: 32, bulky: 16 };

const small: CostCase = {
  name: "small, audit off",
  scenario: scenarioOf("small", connections.short),
  peer: esProxy,
  warmup: 40_000,
  requests: 3000,
  nodeArguments: [],
};

/** The four cases whose figures are accepted ones or not. */
export const costCases: readonly CostCase[] = [
  {
    ...small,
    name: "search, full audit",
    scenario: scenarioOf("search", connections.short),
    peer: esProxyAudit,
    warmup: 32_000,
  },
  {
    ...small,
    name: "upload of 64 KiB, full audit",
    scenario: {
      ...scenarioOf("upload", connections.bulky),
      request: requestBytes({ method: "POST", target: "/idx/_doc", body: noise(64 * 1024) }),
    },
    peer: esProxyAudit,
    warmup: 5000,
    requests: 400,
  },
  {
    ...small,
    name: "answer of 256 KiB, full audit",
    scenario: { ...scenarioOf("answer", connections.bulky), answer: noise(256 * 1024) },
    peer: esProxyAudit,
    warmup: 3000,
    requests: 300,
  },
  small,
];

/** The control: the last case with work planted into it, which must be found. */
export const plantedCase: CostCase = {
  ...small,
  name: "small with planted work",
  nodeArguments: [`--import=${fileURLToPath(new URL("./planted-work.ts", import.meta.url))}`],
};

/**
 * Loads that are measured on this proxy without audit and on the bare relay, whose instructions are
 * those of Node itself: what is above them is this proxy's own work.
 */
export const distanceCases: readonly (readonly [ours: CostCase, bare: CostCase])[] = [
  "small",
  "search",
  "small-curl",
].map((name) => {
  const ours = { ...small, name, scenario: scenarioOf(name, connections.short), warmup: 32_000 };
  return [ours, { ...ours, name: `${name}, bare relay`, peer: bareRelay }];
});

/** Name of the case that {@link plantedCase} is compared with. */
export const controlBase = small.name;

function scenarioOf(name: string, connections: number): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return { ...found, connections };
}

/**
 * A body that is not compressed: how much compressing the proxy allows itself depends on the time.
 *
 * @param bytes length, with room for a stamp
 */
function noise(bytes: number): string {
  const stamp = `"pad":"${"x".repeat(stampLength)}"`;
  let state = 1;
  let text = "";
  while (text.length < bytes - stamp.length) {
    // George Marsaglia's xorshift with 32 bits.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    text += String.fromCharCode(state & 0xff);
  }
  return text + stamp;
}
