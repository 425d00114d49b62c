/** An answer that grows, for a component. */
import { useEffect, useState } from "preact/hooks";

import { ApiError, stream } from "./api.ts";

/** What is there of it. */
export interface Streamed<T> {
  readonly answer: T | undefined;
  readonly error: ApiError | undefined;
}

/** Asks again whenever the path or the count changes; an earlier answer stays until the next. */
export function useStream<T>(path: string, round: number): Streamed<T> {
  const [state, setState] = useState<Streamed<T>>({ answer: undefined, error: undefined });
  useEffect(() => {
    const abort = new AbortController();
    let isWhole = false;
    void (async () => {
      try {
        let answer: T | undefined;
        for await (const part of stream<T>(path, abort.signal)) {
          // Parts leave out what has not changed.
          answer = answer === undefined ? part : { ...answer, ...part };
          setState({ answer, error: undefined });
        }
        isWhole = true;
      } catch (error) {
        if (!abort.signal.aborted) setState({ answer: undefined, error: asApiError(error) });
      }
    })();
    return () => {
      if (!isWhole) abort.abort();
    };
  }, [path, round]);
  return state;
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, { error: String(error) });
}
