/**
 * Whether shipping keeps memory flat while its targets are dead; see `leak/README.md`. Exit codes:
 * 0 green, 1 red, or a planted leak that was not found.
 *
 * Usage: node leak/shipping.ts [minutes=10]
 */
import { stdout } from "node:process";

import { shippingGate, type ShippingResult } from "./shipping-gate.ts";
import { slopeText } from "./slope-statistics.ts";
import { numberOf, readCommandLine } from "../scripts/command-line.ts";

const { positionals } = readCommandLine(
  `Whether shipping keeps memory flat while its targets are dead, and whether planted leaks are found.

  node leak/shipping.ts [MINUTES]    of each run, default 10

  node leak/shipping.ts 2
`,
  {},
  1,
);
const minutes = numberOf(positionals[0], "MINUTES", 10, 0.1);
const pauseMs = 2000;
const rounds = Math.max(12, Math.round((minutes * 60_000) / pauseMs));

const result = await shippingGate({ warmups: 4, rounds, exchanges: 1000, pauseMs }, false);
tell("nothing planted", result);
const planted = await shippingGate({ warmups: 4, rounds: 12, exchanges: 1000, pauseMs: 200 }, true);
tell("reading ahead is planted", planted);
const isRight =
  result.red.length === 0 && result.failures > 0 && result.shipped === 0 && planted.red.length > 0;
process.exitCode = isRight ? 0 : 1;

function tell(name: string, { slopes, red, failures }: ShippingResult): void {
  const { heap, arrayBuffers, external } = slopes;
  stdout.write(
    `${name}: ${red.length > 0 ? `RED (${red.join(", ")})` : "green"}; bytes an exchange: ` +
      `heap ${slopeText(heap)}, array buffers ${slopeText(arrayBuffers)}, ` +
      `external ${slopeText(external)}; ${failures} requests failed\n`,
  );
}
