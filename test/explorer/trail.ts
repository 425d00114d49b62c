/** A trail to ask, written by the real recorder. */
import { Buffer } from "node:buffer";

import type { AuditTrail } from "../../src/audit/trail/audit-trail.ts";
import { DirectoryTrail } from "../../src/explorer/directory-trail.ts";
import { openExplorer, type Explorer } from "../../src/explorer/explorer-server.ts";
import { BearerToken } from "../../src/net/bearer-token.ts";
import {
  ended,
  giveRequest,
  giveResponse,
  recordingLog,
  someRecord,
  stored,
} from "../audit/trail-fixture.ts";

/** What would run if a page put it into the document as it is. */
export const hostile = `<script>globalThis.pwned=1</script><img src=x onerror=globalThis.pwned=1>`;

/** Records exchanges a millisecond apart; every tenth has markup wherever a client can put it. */
export async function recordExchanges(trail: AuditTrail, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const isHostile = at % 10 === 9;
    const name = isHostile ? hostile : `n${at}`;
    const record = someRecord({
      startedMs: 1000 + at,
      ...(isHostile ? { userAgent: hostile, target: `/${encodeURIComponent(hostile)}` } : {}),
    });
    giveRequest(trail, record, Buffer.from(JSON.stringify({ query: { match: { name } } })));
    const isLast = at === count - 1;
    trail.request(record, undefined);
    giveResponse(trail, record, Buffer.from(JSON.stringify({ took: at, note: name })));
    const end = { endedMs: 1005 + at, status: at % 4 === 3 ? 404 : 200 };
    if (isLast) await stored((waiter) => trail.response(ended(record, end), waiter));
    else trail.response(ended(record, end), undefined);
    ids.push(record.id);
  }
  return ids;
}

/** An explorer of a directory, on a port that is free. */
export async function explore(
  directory: string,
  token?: string,
): Promise<Explorer & AsyncDisposable> {
  const explorer = await openExplorer({
    trail: new DirectoryTrail(directory),
    bind: { kind: "tcp", host: "127.0.0.1", port: 0 },
    token: token === undefined ? undefined : new BearerToken(token),
    log: recordingLog([]),
  });
  const close = (): Promise<void> => explorer.close();
  return {
    url: explorer.url,
    useToken: (next) => explorer.useToken(next),
    close,
    [Symbol.asyncDispose]: close,
  };
}
