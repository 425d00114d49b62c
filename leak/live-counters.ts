import { AuditTrail } from "../src/audit/trail/audit-trail.ts";
import { DeadlineSweep } from "../src/core/deadline-sweep.ts";
import { HttpListener } from "../src/http/http-listener.ts";
import { TcpRouter } from "../src/tcp/tcp-router.ts";
import { Pool } from "../src/upstream/pool.ts";
import type { Counts } from "./messages.ts";
import { adopt } from "./class-census.ts";

/** Objects that were seen at work, held weakly: after a reload an old pool must be free to go. */
class Seen<T extends object> {
  readonly #known = new WeakSet<T>();
  #references: WeakRef<T>[] = [];

  add(object: T): void {
    if (this.#known.has(object)) return;
    this.#known.add(object);
    this.#references.push(new WeakRef(object));
  }

  sum(count: (object: T) => number): number {
    this.#references = this.#references.filter((reference) => reference.deref() !== undefined);
    let total = 0;
    for (const reference of this.#references) {
      const object = reference.deref();
      if (object !== undefined) total += count(object);
    }
    return total;
  }
}

const sweeps = new Seen<DeadlineSweep>();
const pools = new Seen<Pool>();
const trails = new Seen<AuditTrail>();
const listeners = new Seen<HttpListener>();
const routers = new Seen<TcpRouter>();

/** Lets every registry show itself when it is first used. Call before the proxy starts. */
export function watchRegistries(): void {
  before(DeadlineSweep.prototype, "add", (sweep) => sweeps.add(sweep));
  before(Pool.prototype, "acquire", (pool) => pools.add(pool));
  before(Pool.prototype, "dialled", (_pool, dial) => adopt(Object.getPrototypeOf(dial) as object));
  before(AuditTrail.prototype, "response", (trail) => trails.add(trail));
  after<HttpListener>(HttpListener, "open", (listener) => listeners.add(listener));
  before(TcpRouter.prototype, "accept", (router) => routers.add(router));
}

/** The sizes now; the proxy's own words for what is in flight. */
export function registrySizes(): Counts {
  return {
    "deadline sweep": sweeps.sum(({ size }) => size),
    "client connections": listeners.sum(({ connections }) => connections.size),
    "TCP sessions": routers.sum(({ stats }) => stats.current),
    "exchanges that wait for a connection": pools.sum(({ pendingCount }) => pendingCount),
    "upstream connections that are busy": pools.sum(({ busyCount }) => busyCount),
    "upstream connections that are open": pools.sum(({ endpoints }) =>
      total(endpoints.map(({ open }) => open)),
    ),
    "upstream connections that are idle": pools.sum((pool) =>
      total(pool.endpoints.map((endpoint) => pool.idleCount(endpoint))),
    ),
    "exchanges at endpoints": pools.sum(({ endpoints }) =>
      total(endpoints.map(({ active }) => active)),
    ),
    "open exchanges of the audit": trails.sum(({ stats }) => stats.openExchanges),
  };
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Calls `look` with the object and the arguments before each call of a method. */
function before<T extends object>(
  prototype: T,
  name: keyof T & string,
  look: (self: T, ...args: unknown[]) => void,
): void {
  const target = prototype as Record<string, unknown>;
  const method = target[name] as Method;
  target[name] = function watched(this: T, ...args: unknown[]): unknown {
    look(this, ...args);
    return method.apply(this, args);
  };
}

/** Calls `look` with what a static asynchronous factory has made; the caller says what that is. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function after<T extends object>(factory: object, name: string, look: (made: T) => void): void {
  const target = factory as Record<string, unknown>;
  const method = target[name] as Method;
  target[name] = async function watched(this: unknown, ...args: unknown[]): Promise<unknown> {
    const made = await method.apply(this, args);
    look(made as T);
    return made;
  };
}
