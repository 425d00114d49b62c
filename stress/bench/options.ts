import { parseArgs } from "node:util";
import { peers as allPeers } from "./peers/catalogue.ts";
import { ferrum } from "./peers/ferrum.ts";
import { scenarios as allScenarios } from "./scenarios.ts";

/** What the command line asks for. */
export interface BenchOptions {
  readonly isQuick: boolean;
  readonly scenarios: readonly string[];
  /** No scenarios were chosen: bars of those that cannot run are told, too. */
  readonly isWhole: boolean;
  /** Empty: those which each scenario names itself. */
  readonly peers: readonly string[];
  readonly rounds: number;
  /** Requests per round; `undefined`: as the scenario says. */
  readonly requests: number | undefined;
  readonly warmup: number | undefined;
  /**
   * Requests per second of the runs for latency; 0: no such run; `undefined`: 70 % of what this
   * proxy reaches.
   */
  readonly latencyRate: number | undefined;
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly entry: string | undefined;
  readonly isProfiled: boolean;
  readonly isChecked: boolean;
}

/** Text for `--help`. */
export const usage = `CPU time per request of this proxy and of others, measured in turn in one run.

  node stress/bench/main.ts [options]

  --quick            few and short rounds, no latency run
  --scenario A,B     ${allScenarios.map((scenario) => scenario.name).join(", ")}
                     (default: all, ferrum's where it is there; with --quick: small, search)
  --peers A,B        ${allPeers.map((peer) => peer.name).join(", ")}
  --rounds N         measured rounds (default 15; with --quick 11)
  --requests N       requests per round
  --warmup N         discarded requests per peer
  --latency-rate N   requests per second when latency is measured (default 70 % of the rate that this
                     proxy reaches with everything recorded; 0, as with --quick: none)
  --entry FILE       start file of this proxy (default dist/cli/main.js, from make build)
  --json FILE        where the figures go (default stress/results/bench.json)
  --html FILE        where the page goes (default stress/results/bench.html)
  --profile          CPU profile of this proxy: file and the functions with the most self time
  --check            exit 1 when a ratio of stress/bench/targets.ts is missed

  node stress/bench/main.ts --quick --scenario small,search --peers es-proxy,nginx
`;

/**
 * Reads the command line; `undefined` asks for help.
 *
 * @throws {TypeError} for unknown options, names and numbers.
 */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      scenario: { type: "string" },
      peers: { type: "string" },
      rounds: { type: "string" },
      requests: { type: "string" },
      warmup: { type: "string" },
      "latency-rate": { type: "string" },
      entry: { type: "string" },
      json: { type: "string" },
      html: { type: "string" },
      profile: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const known = allScenarios.map((scenario) => scenario.name);
  const all = allScenarios
    .filter((scenario) => !scenario.isFerrums || ferrum.problem(scenario, "") === undefined)
    .map(({ name }) => name);
  const defaultScenarios = values.quick ? ["small", "search"] : all;
  return {
    isQuick: values.quick,
    isWhole: !values.quick && values.scenario === undefined,
    scenarios: listOf(values.scenario, known, "scenario") ?? defaultScenarios,
    peers:
      listOf(
        values.peers,
        allPeers.map((peer) => peer.name),
        "peer",
      ) ?? [],
    rounds: countOf(values.rounds, "--rounds", 1) ?? (values.quick ? 11 : 15),
    requests: countOf(values.requests, "--requests", 1),
    warmup: countOf(values.warmup, "--warmup", 1),
    latencyRate:
      countOf(values["latency-rate"], "--latency-rate", 0) ?? (values.quick ? 0 : undefined),
    json: values.json,
    html: values.html,
    entry: values.entry,
    isProfiled: values.profile,
    isChecked: values.check,
  };
}

function listOf(
  text: string | undefined,
  known: readonly string[],
  what: string,
): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`unknown ${what} "${unknown}"; known: ${known.join(", ")}`);
  return names;
}

function countOf(text: string | undefined, option: string, least: number): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!Number.isInteger(count) || count < least)
    throw new TypeError(`${option} needs a whole number of at least ${least}`);
  return count;
}
