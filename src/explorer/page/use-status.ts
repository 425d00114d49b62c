/** What the proxy that serves this page says of itself, again and again. */
import { useEffect, useState } from "preact/hooks";

import { get, type ApiError, type ProxyStatus } from "./api.ts";
import { asApiError } from "./use-stream.ts";

/** Milliseconds. */
const everyMs = 2000;

/** The newest status; none before the first answer. */
export function useStatus(): {
  readonly status: ProxyStatus | undefined;
  readonly error: ApiError | undefined;
} {
  const [status, setStatus] = useState<ProxyStatus | undefined>(undefined);
  const [error, setError] = useState<ApiError | undefined>(undefined);
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      try {
        const next = await get<ProxyStatus>("/api/status", abort.signal);
        setStatus(next);
        setError(undefined);
        // Nothing will change there.
        if (next.isAlone === true) return;
      } catch (reason) {
        if (abort.signal.aborted) return;
        setError(asApiError(reason));
      }
      timer = setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, []);
  return { status, error };
}
