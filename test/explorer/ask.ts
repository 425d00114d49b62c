/** Asks an explorer as any program could, with headers that a browser would not let a page set. */
import { request as requestHttp, type IncomingHttpHeaders } from "node:http";
import { request as requestHttps } from "node:https";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `fetch` sets `Host` and `Origin` itself. */
export function ask(
  url: string,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = new URL(path.startsWith("//") ? `${url}${path.slice(1)}` : path, url);
    const request = asked.protocol === "https:" ? requestHttps : requestHttp;
    // Certificates of tests are nobody's.
    request(asked, { headers, method, rejectUnauthorized: false }, (response) => {
      let body = "";
      response
        .setEncoding("utf8")
        .on("data", (text: string) => (body += text))
        .on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
    })
      .on("error", reject)
      .end();
  });
}
