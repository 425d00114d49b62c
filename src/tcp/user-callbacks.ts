import type { Log } from "../core/log.ts";
import { errorMessage } from "../core/system-error.ts";
import { isThenable } from "./route-runner.ts";
import type { LoadedRouter } from "./options.ts";

/**
 * Calls a callback of the user's file; what it throws, or what its promise rejects with, goes to
 * the log and no further.
 */
export function callUser(
  router: LoadedRouter,
  name: string,
  log: Log | undefined,
  call: () => unknown,
): void {
  const failed = (error: unknown): void => {
    const message = `${name} threw: ${errorMessage(error)}`;
    log?.error({ at: router.locate(error) }, message);
  };
  try {
    const answer = call();
    // A callback written as an async function must not end the process when it fails.
    if (isThenable(answer)) answer.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}
