import autocannon from "autocannon";
import type { Call } from "./messages.ts";
import type { LoadContext } from "./scenario.ts";

interface Context {
  serial?: number;
}

/**
 * A closed loop by autocannon: each connection sends its next request when its answer is complete.
 * Every request is made when it is sent and brings an id of its own; every answer is checked.
 *
 * @param next makes the n-th request, counted from 0
 */
export async function autocannonLoad(
  { port, clients, durationMs, ledger }: LoadContext,
  next: (n: number) => Call,
  options: { readonly tls?: boolean; readonly breaksAreExpected?: boolean } = {},
): Promise<void> {
  let count = 0;
  const request: autocannon.Request = {
    setupRequest: (defaults, context) => {
      const call = next(count);
      count += 1;
      const serial = ledger.begin(call);
      (context as Context).serial = serial;
      const headers = { ...headersOf(call), "X-Opaque-Id": `stress-${serial}` };
      return { ...defaults, method: call.method, path: call.path, headers, body: call.body ?? "" };
    },
    onResponse: (status, body, context) => {
      const { serial } = context as Context;
      if (serial !== undefined) ledger.end(serial, status, body);
    },
  };
  const result = await autocannon({
    url: `${options.tls === true ? "https" : "http"}://127.0.0.1:${port}`,
    connections: clients,
    duration: durationMs / 1000,
    timeout: 30,
    requests: [request],
  });
  const { errors, timeouts } = result;
  if (errors + timeouts > 0 && options.breaksAreExpected !== true)
    ledger.problem(`autocannon saw ${errors} broken connections and ${timeouts} timeouts`);
}

function headersOf({ body }: Call): Record<string, string> {
  return body === undefined
    ? {}
    : { "Content-Type": body.endsWith("\n") ? "application/x-ndjson" : "application/json" };
}
