import { parseArgs } from "node:util";
import { scenarios } from "../scenarios/catalogue.ts";
import type { StressScenario } from "./scenario.ts";

/** What the command line asks for. */
export interface StressOptions {
  readonly scenarios: readonly StressScenario[];
  readonly durationMs: number;
  readonly clients: number;
  readonly folder: string | undefined;
  readonly isAccepted: boolean;
  readonly nodeArguments: readonly string[];
}

/** Text for `--help`. */
export const stressUsage = `Load on the proxy with every answer checked and the audit compared with what arrived.

  node stress/main.ts [options]

  --scenario A,B      ${scenarios.map(({ name }) => name).join(", ")}, or all (default mixed)
  --duration TIME     30s, 5m, 1h (default 30s)
  --clients N         connections at the same time (default 50)
  --results FOLDER    where JSON and the page go (default stress/results)
  --baseline accept   keep this run as the one that later runs are compared with
  --node-argument A   an option of Node for the proxy, such as --cpu-prof; may be repeated

  node stress/main.ts --scenario reload --duration 1m --clients 20

Exit codes: 0 fine, 1 a run failed, 2 usage, 3 the proxy does not support what a scenario needs.
`;

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Reads the command line; `undefined` asks for help. @throws {TypeError} for what cannot be
 * understood
 */
export function parseStressOptions(args: readonly string[]): StressOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: "string", default: "mixed" },
      duration: { type: "string", default: "30s" },
      clients: { type: "string", default: "50" },
      results: { type: "string" },
      baseline: { type: "string" },
      "node-argument": { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const [, amount = "", unit = ""] = /^(\d+)(ms|s|m|h)$/u.exec(values.duration) ?? [];
  const durationMs = Number(amount) * (units[unit] ?? 0);
  if (!(durationMs >= 1000))
    throw new TypeError(
      `--duration needs a time of at least 1s such as 30s or 5m, got ${values.duration}`,
    );
  const clients = Number(values.clients);
  if (!Number.isInteger(clients) || clients < 1 || clients > 10_000)
    throw new TypeError(`--clients needs a whole number from 1 to 10000, got ${values.clients}`);
  if (values.baseline !== undefined && values.baseline !== "accept")
    throw new TypeError("--baseline knows one word: accept");
  return {
    scenarios: values.scenario === "all" ? scenarios : values.scenario.split(",").map(scenarioOf),
    durationMs,
    clients,
    folder: values.results,
    isAccepted: values.baseline === "accept",
    nodeArguments: values["node-argument"],
  };
}

function scenarioOf(name: string): StressScenario {
  const found = scenarios.find((scenario) => scenario.name === name.trim());
  if (found === undefined)
    throw new TypeError(
      `unknown scenario "${name}"; known: ${scenarios.map((scenario) => scenario.name).join(", ")}, all`,
    );
  return found;
}
