import { openSync } from "node:fs";
import type { Socket } from "node:net";
import { Exchange } from "../src/http/exchange.ts";
import type { PlantName } from "./messages.ts";

/** What is never let go of. Reachable for ever because the module is. */
const retained: unknown[] = [];
const retainedIds = new Set<string>();

const plants: Readonly<Record<PlantName, (exchange: Exchange) => void>> = {
  "id string": (exchange) => retainedIds.add(exchange.audit?.record.id ?? ""),
  "2 KiB buffer": () => retained.push(Buffer.alloc(2048)),
  exchange: (exchange) => retained.push(exchange),
  // The client side of an exchange is the connection, whose socket is not part of the interface.
  socket: (exchange) =>
    retained.push((exchange.client as unknown as { readonly socket: Socket }).socket),
  // Not referenced, so that neither the event loop nor the list of active resources shows it.
  timer: () => setTimeout(() => {}, 86_400_000).unref(),
  "file descriptor": () => openSync("/dev/null", "r"),
};

let active: ((exchange: Exchange) => void) | undefined;
let interval = 1;
let count = 0;

/**
 * Plants a leak into every `every`-th exchange from now on, in place of the one before: what a
 * positive control needs.
 */
export function plant(name: PlantName | "nothing", every: number): void {
  if (!isHooked) hook();
  isHooked = true;
  active = name === "nothing" ? undefined : plants[name];
  interval = every;
}

let isHooked = false;

function hook(): void {
  const prototype = Exchange.prototype as {
    begin: (...args: Parameters<Exchange["begin"]>) => void;
  };
  const { begin } = prototype;
  prototype.begin = function planted(this: Exchange, ...args): void {
    begin.apply(this, args);
    count += 1;
    if (count % interval === 0) active?.(this);
  };
}
