/** Active health checks: probes the endpoints of a pool on a timer, off the data path. */
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Services } from "../core/services.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Probe, ProbeResult } from "./health-probe.ts";

export interface ActiveHealthOptions {
  /** Name of the pool, for the log. */
  readonly pool: string;
  /**
   * Between two probes of an endpoint; a tenth more or less, at random, so that many proxies do not
   * ask at once.
   */
  readonly intervalMs: number;
  /** Of one probe. */
  readonly timeoutMs: number;
  /** Failed probes in a row that take an endpoint out. */
  readonly unhealthyAfter: number;
  /** Good probes in a row that bring it back. */
  readonly healthyAfter: number;
}

/** Runs something later without keeping the process alive. */
export interface HealthTimers {
  /** @returns what undoes it. `holdsProcess`: keeps the process alive after all. */
  after(ms: number, action: () => void, holdsProcess: boolean): () => void;
  /** A number in [0, 1), by which probes are spread. */
  random(): number;
}

interface Target {
  readonly endpoint: Endpoint;
  good: number;
  bad: number;
  cancelTimer: () => void;
  abort: AbortController | undefined;
}

/** Part of the interval by which it varies at random, so that many proxies do not probe at once. */
const share = 0.1;
/**
 * Part of its own time by which a timeout may fire late. A later one means that this process was
 * busy or stopped: the answer may lie unread, so the probe proves nothing.
 */
const maxTimerDelay = 0.5;

/**
 * Asks the endpoints of a pool whether they work, off the data path, and sets {@link
 * Endpoint.isHealthy}. The first answer of an endpoint decides at once; later ones by thresholds. A
 * change is logged and counted once, by the process that noted it.
 */
export class ActiveHealth {
  /**
   * Resolves after the first probe of each endpoint: whether one of them is good. False when the
   * health check is stopped before.
   */
  readonly firstRound: Promise<boolean>;
  readonly #options: ActiveHealthOptions;
  readonly #probe: Probe | Promise<Probe>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onChange: (endpoint: Endpoint, isHealthy: boolean) => void;
  readonly #timers: HealthTimers;
  readonly #targets: readonly Target[];
  #isStopped = false;

  /**
   * Starts at once.
   *
   * @param onChange called after each change.
   */
  constructor(
    options: ActiveHealthOptions,
    endpoints: readonly Endpoint[],
    probe: Probe | Promise<Probe>,
    { clock, log }: Pick<Services, "clock" | "log">,
    onChange: (endpoint: Endpoint, isHealthy: boolean) => void = () => {},
    timers: HealthTimers = systemTimers,
  ) {
    this.#options = options;
    this.#probe = probe;
    this.#clock = clock;
    this.#log = log;
    this.#onChange = onChange;
    this.#timers = timers;
    this.#targets = endpoints.map((endpoint) => ({
      endpoint,
      good: 0,
      bad: 0,
      cancelTimer: nothing,
      abort: undefined,
    }));
    this.firstRound = this.#runFirstRound();
  }

  /** Another process that asks the same endpoints has noted a change. */
  follow(endpoint: Endpoint, isHealthy: boolean): void {
    const target = this.#targets.find((one) => one.endpoint === endpoint);
    if (target === undefined || endpoint.isHealthy === isHealthy) return;
    target.good = 0;
    target.bad = 0;
    this.#set(endpoint, isHealthy);
  }

  /** Ends all probes; nothing changes any more. */
  stop(): void {
    this.#isStopped = true;
    for (const target of this.#targets) {
      target.cancelTimer();
      target.abort?.abort();
    }
  }

  async #runFirstRound(): Promise<boolean> {
    const results = await Promise.all(this.#targets.map(async (target) => this.#run(target, true)));
    return !this.#isStopped && results.includes("");
  }

  async #run(target: Target, isFirst: boolean): Promise<ProbeResult> {
    const { timeoutMs, intervalMs } = this.#options;
    const probe = await this.#probe;
    if (this.#isStopped) return undefined;
    const abort = new AbortController();
    target.abort = abort;
    const late = Promise.withResolvers<ProbeResult>();
    abort.signal.addEventListener("abort", () => late.resolve("no answer in time"), { once: true });
    const startedMs = this.#clock.now();
    let isOwnDelay = false;
    const end = (): void => {
      isOwnDelay = this.#clock.now() - startedMs > timeoutMs * (1 + maxTimerDelay);
      abort.abort();
    };
    const cancel = this.#timers.after(timeoutMs, end, isFirst);
    // A probe that does not end when it is told to must not end the health check.
    const said = await Promise.race([probe(target.endpoint, abort.signal, isFirst), late.promise]);
    const result = isOwnDelay ? undefined : said;
    cancel();
    target.abort = undefined;
    if (this.#isStopped) return result;
    if (result !== undefined) this.#note(target, result);
    const pause = intervalMs * (1 - share + 2 * share * this.#timers.random());
    target.cancelTimer = this.#timers.after(pause, () => void this.#run(target, false), false);
    return result;
  }

  #note(target: Target, reason: string): void {
    const { endpoint } = target;
    const { healthyAfter, unhealthyAfter } = this.#options;
    const isGood = reason === "";
    target.good = isGood ? target.good + 1 : 0;
    target.bad = isGood ? 0 : target.bad + 1;
    const isEnough = isGood ? target.good >= healthyAfter : target.bad >= unhealthyAfter;
    const isKnown = endpoint.isProbed;
    endpoint.isProbed = true;
    if (endpoint.isHealthy === isGood || (isKnown && !isEnough)) return;
    this.#set(endpoint, isGood);
    const fields = { pool: this.#options.pool, endpoint: endpoint.address.url };
    if (isGood) {
      endpoint.totals.becameHealthy += 1;
      this.#log.info(fields, "endpoint is healthy");
    } else {
      endpoint.totals.becameUnhealthy += 1;
      this.#log.warn({ ...fields, reason }, "endpoint is unhealthy");
    }
    this.#onChange(endpoint, isGood);
  }

  #set(endpoint: Endpoint, isHealthy: boolean): void {
    endpoint.isHealthy = isHealthy;
    endpoint.isProbed = true;
    if (isHealthy) endpoint.returnedAtMs = this.#clock.now();
  }
}

const systemTimers: HealthTimers = {
  after(ms, action, holdsProcess) {
    const timer = setTimeout(action, ms);
    if (!holdsProcess) timer.unref();
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

function nothing(): void {}
