/** What clients do so that facts can be compared with what the cluster says afterwards. */
import { Client, errors } from "@elastic/elasticsearch";

/** Sizes of the scenario; the same for every client. */
export interface FactsScale {
  /** Documents of the one bulk request. */
  readonly documents: number;
  /** Documents that are read with a scroll. */
  readonly scrolled: number;
  readonly pageSize: number;
}

export const smallIndex = "facts-documents";
export const largeIndex = "facts-large";
/** Every so many documents of the bulk are there already, and `create` must fail for them. */
export const conflictEvery = 250;

/** The id of a document of {@link smallIndex}. */
export function documentId(at: number): string {
  return `d-${at}`;
}

/** What is read and changed behind the bulk, by the number of the document. */
export const touched = {
  searchSize: 50,
  got: [1, 2],
  gotMissing: "none",
  many: [3, 4, 5],
  updated: [6, 7],
  deleted: [8, 9, 11],
} as const;

/** Runs the scenario with the official client for JavaScript. */
export async function runJavaScript(url: string, scale: FactsScale): Promise<void> {
  // A retry would do things twice.
  const client = new Client({ node: url, maxRetries: 0 });
  try {
    await run(client, scale);
  } finally {
    await client.close();
  }
}

async function run(client: Client, scale: FactsScale): Promise<void> {
  const operations = Array.from({ length: scale.documents }, (_, at) => [
    { create: { _index: smallIndex, _id: documentId(at) } },
    { n: at, text: `document ${at}` },
  ]).flat();
  await client.bulk({ operations, refresh: true });
  await client.search({ index: smallIndex, size: touched.searchSize, sort: [{ n: "asc" }] });
  for (const at of touched.got) await client.get({ index: smallIndex, id: documentId(at) });
  await client
    .get({ index: smallIndex, id: touched.gotMissing })
    .catch((error: unknown) => expected(error, 404));
  const ids = [...touched.many.map(documentId), touched.gotMissing];
  await client.mget({ index: smallIndex, ids });
  for (const at of touched.updated)
    await client.update({ index: smallIndex, id: documentId(at), doc: { changed: true } });
  for (const at of touched.deleted)
    await client.delete({ index: smallIndex, id: documentId(at), refresh: true });
  let page = await client.search({
    index: largeIndex,
    scroll: "1m",
    size: scale.pageSize,
    sort: ["_doc"],
  });
  while (page.hits.hits.length > 0)
    page = await client.scroll({ scroll_id: page._scroll_id ?? "", scroll: "1m" });
  await client.clearScroll({ scroll_id: page._scroll_id ?? "" });
}

function expected(error: unknown, status: number): void {
  if (!(error instanceof errors.ResponseError) || error.statusCode !== status) throw error;
}
