import { documentCount, groupCount, largeDocuments, largeText } from "./documents.ts";
import type { Call } from "./messages.ts";

const perGroup = documentCount / groupCount;

/** A search whose total, number of hits and ids are known. */
export function search(group: number, from: number, size: number): Call {
  const wanted = Math.max(0, Math.min(size, perGroup - from));
  const ids = Array.from({ length: wanted }, (_, index) =>
    String(group + (from + index) * groupCount),
  );
  const body = JSON.stringify({ from, size, query: { term: { group: `g${group}` } }, sort: ["n"] });
  return {
    method: "POST",
    path: "/stress/_search",
    body,
    check: json(200, (answer: SearchAnswer) => {
      if (answer.hits.total.value !== perGroup)
        return `total ${answer.hits.total.value}, expected ${perGroup}`;
      const got = answer.hits.hits.map((hit) => hit._id).join(",");
      return got === ids.join(",")
        ? undefined
        : `hits ${got.slice(0, 100)}, expected ${ids.join(",").slice(0, 100)}`;
    }),
  };
}

/** Documents of one bulk, each with an id of its own and a text of this length. */
export function bulk(first: number, count: number, textBytes: number): Call {
  const lines: string[] = [];
  const ids: string[] = [];
  for (let n = first; n < first + count; n += 1) {
    ids.push(`b${n}`);
    lines.push(
      JSON.stringify({ index: { _id: `b${n}` } }),
      JSON.stringify({ n, text: "t".repeat(textBytes) }),
    );
  }
  return {
    method: "POST",
    path: "/stress-bulk/_bulk",
    body: `${lines.join("\n")}\n`,
    check: json(200, (answer: BulkAnswer) => {
      if (answer.errors) return "errors";
      if (answer.items.length !== count) return `${answer.items.length} items, expected ${count}`;
      const wrong = answer.items.findIndex(
        ({ index }, at) => index._id !== ids[at] || (index.status !== 200 && index.status !== 201),
      );
      return wrong === -1 ? undefined : `item ${wrong} is ${JSON.stringify(answer.items[wrong])}`;
    }),
  };
}

export function get(n: number): Call {
  return {
    method: "GET",
    path: `/stress/_doc/${n}`,
    check: json(200, (answer: { _id: string; found: boolean; _source: { n: number } }) =>
      answer._id === String(n) && answer.found && answer._source.n === n
        ? undefined
        : `another document: ${answer._id}`,
    ),
  };
}

export function index(n: number, textBytes: number): Call {
  return {
    method: "PUT",
    path: `/stress-index/_doc/${n}`,
    body: JSON.stringify({ n, text: "i".repeat(textBytes) }),
    check: (status, text) => {
      if (status !== 200 && status !== 201) return `status ${status}`;
      const answer = JSON.parse(text) as { _id: string; result: string };
      if (answer._id !== String(n)) return `id ${answer._id}, expected ${n}`;
      return answer.result === (status === 201 ? "created" : "updated")
        ? undefined
        : `result ${answer.result} with ${status}`;
    },
  };
}

export const catIndices: Call = {
  method: "GET",
  path: "/_cat/indices/stress?format=json",
  check: json(200, (answer: { index: string; "docs.count": string }[]) =>
    answer[0]?.index === "stress" && answer[0]["docs.count"] === String(documentCount)
      ? undefined
      : "not the index that there is",
  ),
};

export const health: Call = {
  method: "GET",
  path: "/_cluster/health",
  check: json(200, (answer: { status: string }) =>
    answer.status === "green" || answer.status === "yellow" ? undefined : `status ${answer.status}`,
  ),
};

/** A document of a megabyte; every byte is compared. */
export function getLarge(number: number): Call {
  const text = largeText(number % largeDocuments);
  return {
    method: "GET",
    path: `/stress-large/_doc/${number % largeDocuments}`,
    check: json(200, (answer: { _source: { pad: string } }) =>
      answer._source.pad === text ? undefined : "another text",
    ),
  };
}

/**
 * The n-th request of a mixture: half searches of 30 kinds, the rest gets, bulks, indexing, cat and
 * health.
 */
export function mixed(n: number): Call {
  // Steps that have no common divisor with the ranges, so that all combinations come.
  const spread = n * 7919;
  switch (n % 12) {
    case 0:
      return bulk((spread % 97) * 50, 1 + (spread % 40), spread % 800);
    case 1:
    case 2:
      return get(spread % documentCount);
    case 3:
      return index(spread % 500, [10, 300, 3000, 30_000][spread % 4] ?? 10);
    case 4:
      return n % 24 === 4 ? catIndices : health;
    default:
      return anySearch(spread);
  }
}

/** One of 30 searches that differ in `from` and `size`, over one of ten groups. */
export function anySearch(n: number): Call {
  const kind = n % 30;
  return search(
    n % groupCount,
    [0, 5, 50, 95, 200][kind % 5] ?? 0,
    [0, 1, 10, 25, 50, 100][Math.floor(kind / 5)] ?? 10,
  );
}

interface SearchAnswer {
  readonly hits: {
    readonly total: { readonly value: number };
    readonly hits: readonly { readonly _id: string }[];
  };
}

interface BulkAnswer {
  readonly errors: boolean;
  readonly items: readonly { readonly index: { readonly _id: string; readonly status: number } }[];
}

/**
 * Checks the status, then the parsed answer; an answer of another shape is a problem, not an
 * exception.
 */
// The caller says what the answer looks like; what does not look so fails in the check.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function json<T>(wanted: number, check: (answer: T) => string | undefined): Call["check"] {
  return (status, text) => {
    if (status !== wanted) return `status ${status}, expected ${wanted}: ${text.slice(0, 200)}`;
    try {
      return check(JSON.parse(text) as T);
    } catch (error) {
      return `not the expected JSON: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
}
