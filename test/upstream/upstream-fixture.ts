import type { Clock } from "../../src/core/clock.ts";
import type { Log } from "../../src/core/log.ts";
import { Endpoint } from "../../src/upstream/endpoint.ts";

/** An endpoint that nothing connects to. */
export function endpointAt(port: number, weight = 1): Endpoint {
  const authority = `127.0.0.1:${port}`;
  return new Endpoint({
    url: `http://${authority}`,
    isTls: false,
    host: "127.0.0.1",
    port,
    path: undefined,
    authority,
    weight,
  });
}

/** A clock that only moves when it is told to. */
export class ManualClock implements Clock {
  ms: number;

  constructor(ms = 1_000_000) {
    this.ms = ms;
  }

  now(): number {
    return this.ms;
  }

  wallAt(monotonicMs: number): number {
    return monotonicMs;
  }

  reanchor(): void {}
}

/** A log that keeps what it is given. */
export class KeptLog implements Log {
  readonly lines: string[] = [];

  debug(): void {}

  info(fields: object, message: string): void {
    this.lines.push(`info ${message} ${JSON.stringify(fields)}`);
  }

  warn(fields: object, message: string): void {
    this.lines.push(`warn ${message} ${JSON.stringify(fields)}`);
  }

  error(fields: object, message: string): void {
    this.lines.push(`error ${message} ${JSON.stringify(fields)}`);
  }
}

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function repeatable(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
