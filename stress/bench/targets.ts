/** A ratio that must hold in every run which measures both sides. */
export interface Target {
  readonly scenario: string;
  readonly peer: string;
  readonly base: string;
  /**
   * `cpu` is CPU time per request, `main` that of the thread that serves traffic: both have an
   * upper bound. `throughput` is answered bytes per second and has a lower one.
   */
  readonly figure: "cpu" | "main" | "throughput";
  readonly bound: number;
}

/** The speed this project promises, each as a ratio within one run. */
export const targets: readonly Target[] = [
  atMost("small", "es-proxy", "nginx", 1.15),
  atMost("small", "es-proxy", "node-undici", 0.4),
  atMost("small", "es-proxy", "http-proxy-3", 0.25),
  atMost("small", "es-proxy", "fastify-http-proxy", 0.25),
  atMost("search", "es-proxy", "nginx", 1.15),
  atMost("search", "es-proxy", "node-undici", 0.4),
  atMost("search", "es-proxy-audit", "nginx-json", 1.25),
  atMost("search", "es-proxy-proof", "es-proxy-audit", 1.25),
  {
    scenario: "search",
    peer: "es-proxy-proof",
    base: "es-proxy-audit",
    figure: "main",
    bound: 1.02,
  },
  atMost("search", "es-proxy-facts", "es-proxy-audit", 1.35),
  {
    scenario: "search",
    peer: "es-proxy-facts",
    base: "es-proxy-audit",
    figure: "main",
    bound: 1.02,
  },
  atMost("routed", "es-proxy", "nginx", 1.15),
  atMost("routed", "es-proxy-audit", "nginx-json", 1.25),
  { scenario: "answer", peer: "es-proxy", base: "nginx", figure: "throughput", bound: 0.8 },
];

/** Whether less is better. */
export function isUpperBound({ figure }: Target): boolean {
  return figure !== "throughput";
}

function atMost(scenario: string, peer: string, base: string, bound: number): Target {
  return { scenario, peer, base, figure: "cpu", bound };
}
