/**
 * Documents that every mock holds before the load begins: what searches and gets are checked
 * against.
 */
export const documentCount = 1000;
export const groupCount = 10;
/** Documents of a megabyte, by number. */
export const largeDocuments = 4;
export const largeBytes = 1_000_000;

const index = "stress";
const batch = 200;

/** The text of a large document's field. */
export function largeText(number: number): string {
  return String.fromCharCode(97 + number).repeat(largeBytes);
}

/**
 * Fills a mock, directly and not through the proxy.
 *
 * @throws {Error} when the mock does not take a document
 */
export async function fill(url: string): Promise<void> {
  await send(
    `${url}/${index}`,
    "PUT",
    JSON.stringify({
      mappings: { properties: { n: { type: "integer" }, group: { type: "keyword" } } },
    }),
  );
  for (let from = 0; from < documentCount; from += batch) {
    const lines: string[] = [];
    for (let n = from; n < from + batch; n += 1) {
      lines.push(
        JSON.stringify({ index: { _id: String(n) } }),
        JSON.stringify({ n, group: `g${n % groupCount}`, text: `document ${n} of many` }),
      );
    }
    await send(`${url}/${index}/_bulk`, "POST", `${lines.join("\n")}\n`);
  }
  for (let number = 0; number < largeDocuments; number += 1) {
    await send(
      `${url}/stress-large/_doc/${number}`,
      "PUT",
      JSON.stringify({ pad: largeText(number) }),
    );
  }
  await send(`${url}/_refresh`, "POST");
}

async function send(url: string, method: string, body?: string): Promise<void> {
  const type = body?.endsWith("\n") === true ? "application/x-ndjson" : "application/json";
  const answer = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body, headers: { "content-type": type } }),
  });
  const text = await answer.text();
  if (!answer.ok || text.includes('"errors":true'))
    throw new Error(`${method} ${url}: ${answer.status} ${text.slice(0, 300)}`);
}
