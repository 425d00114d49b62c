import { type MockEs, startMockEs } from "../../mock-es/index.ts";
import { type Service, startService } from "../lifecycle/service.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { waitFor } from "../support/wait-for.ts";

/** Three nodes behind a proxy of two workers. */
export interface ThreeNodes extends AsyncDisposable {
  readonly mock: MockEs;
  readonly service: Service;
  /** Of the proxy. */
  readonly url: string;
  /** Requests for an API endpoint that the audit has. */
  recorded(action: string): Promise<number>;
  /** Documents that nodes were sent, whatever way they took. */
  written(): number;
  /** Waits until the log warns of a client. */
  warned(): Promise<void>;
}

/** @param sniff what the listener does about clients that sniff */
export async function startThreeNodes(sniff: "pass" | "block" | "rewrite"): Promise<ThreeNodes> {
  const mock = await startMockEs({ nodes: 3 });
  const service = await startService(`workers: 2
listeners: [{name: es, bind: "127.0.0.1:0", sniff: ${sniff}, routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["${mock.url}"]}}
audit: {directory: audit}
admin: {bind: "127.0.0.1:0"}
`).catch(async (error: unknown) => {
    await mock.close();
    throw error;
  });
  return {
    mock,
    service,
    url: `http://127.0.0.1:${service.port}`,
    recorded: async (action) => {
      const lines = await readAudit(service.folder.file("audit"), { allowTornTail: true });
      return lines.filter(
        ({ record }) =>
          fieldAt(record, "event.action") === action &&
          fieldAt(record, "es_proxy.record") === "request",
      ).length;
    },
    written: () => mock.requests.all("PUT").length,
    warned: async () => {
      await waitFor(
        "the warning",
        () => service.child.stderr.includes("addresses of nodes"),
        30_000,
      );
    },
    [Symbol.asyncDispose]: async () => {
      await service[Symbol.asyncDispose]();
      await mock.close();
    },
  };
}
