import type { Services } from "../core/services.ts";
import type { BodyPiece } from "../http1/body-piece.ts";
import type { MessageHead } from "../http1/message-head.ts";
import type { Endpoint } from "./endpoint.ts";
import type { OpenVerdict } from "./failure-rule.ts";
import { OutlierDetection } from "./outlier-detection.ts";
import type { PoolOptions } from "./pool-options.ts";

/** What real traffic says about the endpoints of a pool: counts failures, and ejects by them. */
export class EndpointVerdicts {
  readonly #options: PoolOptions;
  readonly #clock: Services["clock"];
  readonly #outlier: OutlierDetection | undefined;

  constructor(options: PoolOptions, endpoints: readonly Endpoint[], { clock, log }: Services) {
    this.#options = options;
    this.#clock = clock;
    if (options.outlier !== undefined && endpoints.length > 1)
      this.#outlier = new OutlierDetection(options.outlier, endpoints, (endpoint, isEjected) => {
        log.warn(
          { pool: options.name, endpoint: endpoint.address.url },
          isEjected ? "endpoint ejected" : "endpoint returned",
        );
        if (!isEjected) return;
        endpoint.totals.ejections += 1;
        options.onEjected?.(endpoint, endpoint.ejectedUntilMs);
      });
  }

  /** Another process that shares the endpoints has ejected this one. */
  followEjection(endpoint: Endpoint, untilMs: number): void {
    if (endpoint.ejectedUntilMs === 0) this.#outlier?.follow(endpoint, untilMs);
  }

  /**
   * An endpoint has begun to answer. @returns whether no {@link completed} may follow, because this
   * is a failure or says nothing, or the verdict that more of the body brings
   */
  answered(
    endpoint: Endpoint,
    head: MessageHead,
    piece: BodyPiece,
    answersHead: boolean,
  ): boolean | OpenVerdict {
    const rule = this.#options.outlier?.rule;
    if (rule === undefined) return false;
    const verdict = rule.isFailure(head, piece, answersHead);
    if (verdict === true) this.answeredBadly(endpoint);
    return verdict ?? true;
  }

  /** An answer counts as a failure, which more of its body has told. */
  answeredBadly(endpoint: Endpoint): void {
    this.#outlier?.failed(endpoint, this.#clock.now());
  }

  /** An endpoint has answered whole. */
  completed(endpoint: Endpoint): void {
    this.#outlier?.succeeded(endpoint);
  }

  /** An endpoint could not be reached, or broke off. */
  failed(endpoint: Endpoint): void {
    endpoint.totals.failures += 1;
    this.#outlier?.failed(endpoint, this.#clock.now());
  }

  /** Lets endpoints return whose time is over. */
  tick(nowMs: number): void {
    this.#outlier?.tick(nowMs);
  }
}
