/**
 * The load of a stress run, a process of its own: one order, then a tick each second, facts about
 * every request, and a report.
 */
import { scenarios } from "../scenarios/catalogue.ts";
import { Ledger } from "./ledger.ts";
import type { Facts, LoadOrder, LoadReport, Tick } from "./messages.ts";

const factsEveryMs = 100;
const percentiles = [0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100];

process.on("message", (order: LoadOrder) => void run(order));
process.on("disconnect", () => process.exit(0));

async function run(order: LoadOrder): Promise<void> {
  const ledger = new Ledger();
  const facts = setInterval(() => sendFacts(ledger), factsEveryMs);
  const ticks = setInterval(() => send({ kind: "tick", ...ledger.takeTick() }), 1000);
  const startedMs = performance.now();
  try {
    const scenario = scenarios.find(({ name }) => name === order.scenario);
    if (scenario === undefined) throw new Error(`unknown scenario ${order.scenario}`);
    await scenario.load({
      port: order.port,
      clients: order.clients,
      durationMs: order.durationMs,
      ledger,
    });
  } catch (error) {
    ledger.problem(
      `the load failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
  const elapsedMs = performance.now() - startedMs;
  ledger.giveUpRest(order.clients);
  clearInterval(facts);
  clearInterval(ticks);
  send({ kind: "tick", ...ledger.takeTick() });
  sendFacts(ledger);
  const { completed, excused, problemCount, problems, latencies } = ledger;
  const distribution = percentiles.map(
    (percentile) => [percentile, percentileOf(latencies, percentile)] as const,
  );
  send({ kind: "done", completed, excused, problemCount, problems, distribution, elapsedMs });
}

function percentileOf(latencies: Ledger["latencies"], percentile: number): number {
  if (latencies.count === 0) return 0;
  return (
    (percentile === 0
      ? latencies.min
      : percentile === 100
        ? latencies.max
        : latencies.percentile(percentile)) / 1000
  );
}

function sendFacts(ledger: Ledger): void {
  const facts = ledger.takeFacts();
  if (facts.length > 0) send({ kind: "facts", facts });
}

function send(message: Tick | Facts | LoadReport): void {
  process.send?.(message);
}
