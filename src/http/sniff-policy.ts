/** What a listener does about clients that ask for the addresses of nodes. */
import type { Clock } from "../core/clock.ts";
import { slot } from "../metrics/metric-slots.ts";
import type { SniffNotices } from "./sniff-notices.ts";

/**
 * What happens to answers of the nodes info API that hold addresses: `pass` unchanged, with a
 * warning; `block` no request for them is forwarded; `rewrite` the proxy's address takes their
 * place.
 */
export type SniffMode = "pass" | "block" | "rewrite";

/** How {@link SniffPolicy} works. */
export interface SniffOptions {
  readonly listener: string;
  readonly mode: SniffMode;
  /** `host:port` to write; `undefined`: what the client itself has asked for. */
  readonly address: string | undefined;
  /** The listener's metrics. */
  readonly values: Float64Array;
  readonly clock: Clock;
  readonly notices: SniffNotices;
}

/** Who is warned of. */
interface SniffingClient {
  readonly client: string;
  readonly userAgent: string;
}

/**
 * Counts what one listener does about clients that sniff: they ask for the addresses of the nodes
 * and connect to these from then on.
 */
export class SniffPolicy {
  readonly mode: SniffMode;
  readonly address: string | undefined;
  readonly #options: SniffOptions;

  constructor(options: SniffOptions) {
    this.mode = options.mode;
    this.address = options.address;
    this.#options = options;
  }

  /** @param address one that the client was told; empty: the answer could not be read */
  passed({ client, userAgent }: SniffingClient, address: string): void {
    const { listener, clock, notices } = this.#options;
    this.#count(slot.listener.sniffPassed);
    notices.note({ listener, client, userAgent, address }, clock.wallAt(clock.now()));
  }

  rewritten(): void {
    this.#count(slot.listener.sniffRewritten);
  }

  blocked(): void {
    this.#count(slot.listener.sniffBlocked);
  }

  #count(index: number): void {
    const { values } = this.#options;
    values[index] = (values[index] ?? 0) + 1;
  }
}
