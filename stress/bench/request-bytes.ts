/** What distinguishes one request of the load from another. */
export interface RequestShape {
  readonly method: "GET" | "POST" | "PUT";
  readonly target: string;
  readonly body?: string;
  /** @default "elasticsearch-js" */
  readonly client?: "elasticsearch-js" | "curl";
  /** Value of `X-Opaque-Id` of the official client. @default the same for all requests */
  readonly opaqueId?: string;
}

/**
 * The bytes of a request, field for field as the named client sends them (both captured from the
 * real programs).
 *
 * The same bytes go to every peer: the head of a real client has about ten fields and 500 bytes,
 * and a benchmark with `GET / HTTP/1.1` alone would flatter proxies that are slow with fields.
 */
export function requestBytes(shape: RequestShape): string {
  const body = shape.body ?? "";
  const fields =
    shape.client === "curl" ? curlFields(body) : elasticsearchFields(body, shape.opaqueId);
  return `${shape.method} ${shape.target} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n${body}`;
}

function elasticsearchFields(body: string, opaqueId = "dashboards;search-4711"): string[] {
  const fields = [
    "host: 127.0.0.1:9200",
    "connection: keep-alive",
    "user-agent: elasticsearch-js/9.5.1 (linux 6.18.44-x64; Node.js 26.10.0; Transport 9.4.0)",
    "x-elastic-client-meta: es=9.5.1,js=26.10.0,t=9.4.0,un=26.10.0",
    "authorization: Basic ZWxhc3RpYzpjaGFuZ2VtZQ==",
    `x-opaque-id: ${opaqueId}`,
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "accept: application/vnd.elasticsearch+json; compatible-with=9",
  ];
  if (body !== "") {
    fields.push(
      "content-type: application/vnd.elasticsearch+json; compatible-with=9",
      `content-length: ${body.length}`,
    );
  }
  return fields;
}

function curlFields(body: string): string[] {
  const fields = ["Host: 127.0.0.1:9200", "User-Agent: curl/8.14.1", "Accept: */*"];
  if (body !== "") fields.push("Content-Type: application/json", `Content-Length: ${body.length}`);
  return fields;
}
