/** A ratio that must hold in every run which measures both sides. */
export interface Target {
  readonly scenario: string;
  readonly peer: string;
  readonly base: string;
  /**
   * `cpu` is CPU time per request, `main` that of the thread that serves traffic, `p99` latency at
   * 70 % of the rate at saturation: all three have an upper bound. `throughput` is answered bytes
   * per second and has a lower one.
   */
  readonly figure: "cpu" | "main" | "p99" | "throughput";
  readonly bound: number;
}

/** The speed this project promises, each as a ratio within one run. */
export const targets: readonly Target[] = [
  atMost("small", "es-proxy", "bare-relay", 1.12),
  atMost("small", "es-proxy", "http-proxy-3", 0.2),
  atMost("small", "es-proxy", "fastify-http-proxy", 0.2),
  atMost("search", "es-proxy", "bare-relay", 1.12),
  atMost("search", "es-proxy", "node-undici", 0.4),
  atMost("search", "es-proxy-audit", "nginx-json", 1.2),
  atMost("search", "es-proxy-whole", "nginx-json", 1.6),
  { ...atMost("search", "es-proxy-proof", "es-proxy-audit", 1.02), figure: "main" },
  { ...atMost("search", "es-proxy-facts", "es-proxy-audit", 1.02), figure: "main" },
  { ...atMost("search", "es-proxy-audit", "nginx", 1.5), figure: "p99" },
  atMost("mixture", "es-proxy-audit", "nginx-json", 1.3),
  atMost("upload", "es-proxy-audit", "nginx-json", 0.8),
  atMost("answer", "es-proxy-audit", "nginx", 2.2),
  { scenario: "answer", peer: "es-proxy", base: "nginx", figure: "throughput", bound: 0.8 },
  atMost("tls", "es-proxy", "nginx", 1.4),
  atMost("tcp_short", "es-proxy", "haproxy", 1.5),
  ...["healthy_get", "large_response", "retry_get", "upload_post"].flatMap((scenario) => [
    atMost(scenario, "es-proxy", "ferrum", 0.6),
    atMost(scenario, "es-proxy-audit", "ferrum", 1),
  ]),
];

/** Whether less is better. */
export function isUpperBound({ figure }: Target): boolean {
  return figure !== "throughput";
}

function atMost(scenario: string, peer: string, base: string, bound: number): Target {
  return { scenario, peer, base, figure: "cpu", bound };
}
