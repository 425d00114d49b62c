/** What a signal does to a TCP router: ProxyMachine's habits. */
export interface StopSignal {
  /** Milliseconds that running sessions get; `undefined`: as long as they need. */
  readonly drainMs: number | undefined;
}

/** QUIT waits for all connections to end; TERM and INT wait for up to 10 seconds. */
export const stopSignals = {
  SIGQUIT: { drainMs: undefined },
  SIGTERM: { drainMs: 10_000 },
  SIGINT: { drainMs: 10_000 },
} as const satisfies Record<string, StopSignal>;
