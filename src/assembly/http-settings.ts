import type { AuditConfig, HttpListenerConfig } from "../config/config.ts";
import type { HttpContext } from "../http/http-context.ts";
import { ParserList } from "../http1/head-reader.ts";
import type { Registry } from "../metrics/registry.ts";
import { RouteMetrics } from "../metrics/route-metrics.ts";
import { TrustedProxies } from "../net/trusted-proxies.ts";
import type { BuiltPool } from "./pools.ts";
import { RouteBuilder } from "./routes.ts";

/** What a reload may change in an HTTP listener that stays. */
type HttpSettings = Omit<
  HttpContext,
  "clock" | "sweep" | "pauses" | "answerRoom" | "log" | "trail" | "isDraining" | "drainIdleMs"
>;

/** Makes the settings of HTTP listeners from their configuration. */
export class HttpSettingsBuilder {
  readonly #registry: Registry;
  readonly #routes: RouteBuilder;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#routes = new RouteBuilder(registry);
  }

  /** @param audit `undefined`: nothing is recorded. */
  build(
    config: HttpListenerConfig,
    audit: AuditConfig | undefined,
    pools: ReadonlyMap<string, BuiltPool>,
  ): HttpSettings {
    const { headerBytes, headers, requestLineBytes } = config.limits;
    return {
      name: config.name,
      parsers: new ParserList("request", {
        headBytes: headerBytes,
        fields: headers,
        startLineBytes: requestLineBytes,
      }),
      metrics: {
        unrouted: new RouteMetrics(this.#registry.block("route", config.name, "(none)").values),
        listener: this.#registry.block("listener", config.name).values,
      },
      router: this.#routes.router(config, pools),
      timeouts: config.timeouts,
      minRate: config.minRate,
      limits: config.limits,
      inlineBodyBytes: audit?.body.inlineBytes ?? 0,
      forwarded: {
        fields: config.forwarded,
        trusted: new TrustedProxies(config.trustedProxies),
        via: config.via,
      },
      halfClose: config.halfClose,
    };
  }
}
