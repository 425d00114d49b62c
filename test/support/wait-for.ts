import { setTimeout as sleep } from "node:timers/promises";

/**
 * Polls until `condition` gives a value that is neither `undefined` nor `false`, and returns it.
 *
 * The deadline only decides how long a failing test takes: a passing one goes on within 5 ms of the
 * condition.
 *
 * @param what named in the error, so that a red test says what never happened
 * @param deadlineMs longest wait in milliseconds, default 20 000
 * @throws {Error} when the deadline has passed
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await sleep(5);
  }
}

/**
 * Gives the promise's value, or fails when it has not settled within the deadline.
 *
 * @param what named in the error
 * @param deadlineMs longest wait in milliseconds, default 20 000
 * @throws {Error} when the deadline has passed
 */
export async function withDeadline<T>(
  what: string,
  promise: Promise<T>,
  deadlineMs = 20_000,
): Promise<T> {
  const timer = Promise.withResolvers<never>();
  const handle = setTimeout(
    () => timer.reject(new Error(`not within ${deadlineMs} ms: ${what}`)),
    deadlineMs,
  );
  try {
    return await Promise.race([promise, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
}
