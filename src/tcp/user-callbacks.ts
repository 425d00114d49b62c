import { errorMessage } from "../core/system-error.ts";
import type { Log } from "../core/log.ts";
import { isThenable } from "./route-runner.ts";
import type { CloseNow, ForwardDecision } from "./decision.ts";
import type { LoadedRouter } from "./options.ts";

/**
 * The callbacks of a router file, where it has them. What one throws, or what its promise rejects
 * with, goes to the log and no further.
 */
export class UserCallbacks {
  readonly #router: LoadedRouter;
  readonly #decision: ForwardDecision | CloseNow | undefined;
  readonly #log: Log | undefined;

  constructor(
    router: LoadedRouter,
    decision: ForwardDecision | CloseNow | undefined,
    log: Log | undefined,
  ) {
    this.#router = router;
    this.#decision = decision;
    this.#log = log;
  }

  /** No attempt to connect was accepted. @param address where the last one went, as `ip:port` */
  connectError(address: string, error: Error): void {
    const { onConnectError } = this.#router;
    if (onConnectError !== undefined)
      this.#call("onConnectError", () => onConnectError(this.#remoteName(address), error));
  }

  /** The server has not sent a byte in time. */
  inactivity(address: string): void {
    const { onInactivity } = this.#router;
    if (onInactivity !== undefined)
      this.#call("onInactivity", () => onInactivity(this.#remoteName(address)));
  }

  /** The decision's own words for a free remote, the address for an endpoint of a pool. */
  #remoteName(address: string): string {
    const decision = this.#decision;
    return decision?.kind === "forward" && decision.target.kind === "remote"
      ? decision.label
      : address;
  }

  #call(name: string, call: () => unknown): void {
    const failed = (error: unknown): void => {
      const message = `${name} threw: ${errorMessage(error)}`;
      this.#log?.error({ at: this.#router.locate(error) }, message);
    };
    try {
      const answer = call();
      // A callback written as an async function must not end the process when it fails.
      if (isThenable(answer)) answer.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }
}
