import type { AuditConfig, HttpListenerConfig } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import type { HttpContext } from "../http/http-context.ts";
import { SniffNotices } from "../http/sniff-notices.ts";
import type { SniffNotice } from "../http/sniff-notices.ts";
import { SniffPolicy } from "../http/sniff-policy.ts";
import { ParserList } from "../http1/head-reader.ts";
import type { Registry } from "../metrics/registry.ts";
import { RouteMetrics } from "../metrics/route-metrics.ts";
import { TrustedProxies } from "../net/trusted-proxies.ts";
import type { BuiltPool } from "./pools.ts";
import { RouteBuilder } from "./routes.ts";

/** What a reload may change in an HTTP listener that stays. */
type HttpSettings = Omit<
  HttpContext,
  | "clock"
  | "sweep"
  | "reads"
  | "pipelined"
  | "pauses"
  | "answerRoom"
  | "log"
  | "trail"
  | "isDraining"
  | "drainIdleMs"
>;

/** Makes the settings of HTTP listeners from their configuration. */
export class HttpSettingsBuilder {
  readonly #registry: Registry;
  readonly #routes: RouteBuilder;
  readonly #clock: Clock;
  readonly #notices: SniffNotices;

  /** @param onSniff gets the clients that were told addresses of nodes, each once a day */
  constructor(registry: Registry, clock: Clock, onSniff: (notice: SniffNotice) => void) {
    this.#registry = registry;
    this.#routes = new RouteBuilder(registry);
    this.#clock = clock;
    this.#notices = new SniffNotices(onSniff);
  }

  /** @param audit `undefined`: nothing is recorded. */
  build(
    config: HttpListenerConfig,
    audit: AuditConfig | undefined,
    pools: ReadonlyMap<string, BuiltPool>,
  ): HttpSettings {
    const { headerBytes, headers, requestLineBytes } = config.limits;
    const { values } = this.#registry.block("listener", config.name);
    return {
      name: config.name,
      parsers: new ParserList("request", {
        headBytes: headerBytes,
        fields: headers,
        startLineBytes: requestLineBytes,
      }),
      metrics: {
        unrouted: new RouteMetrics(this.#registry.block("route", config.name, "(none)").values),
        listener: values,
      },
      router: this.#routes.router(config, pools),
      timeouts: config.timeouts,
      tcpKeepAliveMs: config.tcpKeepAliveMs,
      minRate: config.minRate,
      limits: config.limits,
      inlineBodyBytes: audit?.body.inlineBytes ?? 0,
      forwarded: {
        fields: config.forwarded,
        trusted: new TrustedProxies(config.trustedProxies),
        via: config.via,
      },
      sniff: new SniffPolicy({
        listener: config.name,
        mode: config.sniff,
        address: config.sniffAddress,
        values,
        clock: this.#clock,
        notices: this.#notices,
      }),
      halfClose: config.halfClose,
    };
  }
}
