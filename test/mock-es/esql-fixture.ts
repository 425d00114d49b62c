/** Books that ES|QL and SQL are asked for. */
import type { MockEs } from "../../mock-es/index.ts";
import { type Received, send } from "./running-mock.ts";

const books = [
  {
    title: "Snow Crash",
    author: "Neal Stephenson",
    pages: 470,
    out: "1992-06-01",
    tags: ["b", "a"],
  },
  { title: "Revelation Space", author: "Alastair Reynolds", pages: 585, out: "2000-03-15" },
  { title: "Cryptonomicon", author: "Neal Stephenson", pages: 918, out: "1999-05-01", tags: "a" },
  { title: "Untitled", pages: null },
];

export async function bookShop(mock: MockEs): Promise<void> {
  const properties = {
    title: { type: "text", fields: { raw: { type: "keyword" } } },
    author: { type: "keyword" },
    prose: { type: "text" },
    pages: { type: "integer" },
    out: { type: "date" },
    tags: { type: "keyword" },
    price: { type: "scaled_float", scaling_factor: 100 },
    shape: { type: "geo_shape" },
  };
  await send(mock, "PUT", "/books", { body: { mappings: { properties } } });
  const lines = books.flatMap((book, at) => [
    JSON.stringify({ index: { _id: String(at) } }),
    JSON.stringify(book),
  ]);
  await send(mock, "POST", "/books/_bulk", { body: `${lines.join("\n")}\n` });
}

export async function ask(
  mock: MockEs,
  query: string,
  rest: object = {},
  target = "/_query",
): Promise<Received> {
  return await send(mock, "POST", target, { body: { query, ...rest } });
}

/** Columns as `name:type`, rows, and the texts of the warnings but the one about the limit. */
export function shown({ json, rawHeaders }: Received): readonly unknown[] {
  const columns = (json["columns"] as { name: string; type: string }[]).map(
    ({ name, type }) => `${name}:${type}`,
  );
  const warnings = rawHeaders.flatMap((value, at) =>
    rawHeaders[at - 1]?.toLowerCase() === "warning" && !value.includes("No limit defined")
      ? [value.replace(/^299 \S+ "(.*)"$/, "$1")]
      : [],
  );
  return [columns.join(" "), json["values"], warnings];
}

export function reasonOf({ status, json }: Received): string {
  const error = json["error"] as { type: string; reason: string };
  return `${status} ${error.type}: ${error.reason}`;
}
