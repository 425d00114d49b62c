/**
 * The exchanges of everyday traffic, in the proportions and sizes of `make test-stress`: of twelve
 * requests seven are searches, two gets, one is a bulk, one indexes a document, one asks `_cat` or
 * the cluster's health.
 */
import type { Exchange } from "./exchange.ts";
import { requestBytes } from "./request-bytes.ts";
import { stampLength } from "./stamp.ts";

const stamp = "x".repeat(stampLength);
const hits = [0, 1, 10, 25, 50, 100];
const documentBytes = [10, 300, 3000, 30_000];

/** Each request says by `k=` in its target which answer it wants, that is, its place. */
export const mixtureFirst = exchangeOf(0);

/** The rest of a cycle, in which sizes change from one dozen to the next. */
export const mixtureOthers: readonly Exchange[] = Array.from({ length: 47 }, (_, before) =>
  exchangeOf(before + 1),
);

function exchangeOf(kind: number): Exchange {
  const step = Math.floor(kind / 12);
  switch (kind % 12) {
    case 0: {
      const count = [1, 10, 20, 40][step] ?? 1;
      return exchange(
        "POST",
        `/stress-bulk/_bulk?k=${kind}`,
        bulk(count, 200 * step),
        items(count),
      );
    }
    case 1:
    case 2:
      return exchange("GET", `/stress/_doc/${kind}?k=${kind}`, "", found(hit(kind)));
    case 3:
      return exchange(
        "PUT",
        `/stress-index/_doc/${kind}?k=${kind}`,
        `{"n":${kind},"text":"${"i".repeat(documentBytes[step] ?? 10)}","pad":"${stamp}"}`,
        found('"result":"updated"'),
      );
    case 4:
      return step % 2 === 0
        ? exchange("GET", `/_cat/indices/stress?format=json&k=${kind}`, "", found('"docs":"1000"'))
        : exchange("GET", `/_cluster/health?k=${kind}`, "", found('"status":"green"'));
    default:
      return exchange(
        "POST",
        `/stress/_search?k=${kind}`,
        `{"from":${step},"size":${kind},"query":{"term":{"group":"g${step}"}},"sort":["n"],` +
          `"pad":"${stamp}"}`,
        found(`"hits":{"total":{"value":100},"hits":[${hitList(hits[kind % 6] ?? 0)}]}`),
      );
  }
}

function exchange(
  method: "GET" | "POST" | "PUT",
  target: string,
  body: string,
  answer: string,
): Exchange {
  const request = requestBytes({ method, target, opaqueId: `each-${stamp}`, body });
  return { request, requestBodyBytes: body.length, answer };
}

function bulk(count: number, textBytes: number): string {
  const document = `{"index":{"_id":"b"}}\n{"n":1,"text":"${"t".repeat(textBytes)}"}\n`;
  return `${document.repeat(count)}{"index":{"_id":"b"}}\n{"pad":"${stamp}"}\n`;
}

function items(count: number): string {
  const item = '{"index":{"_index":"stress-bulk","_id":"b1","result":"created","status":201}}';
  return found(`"errors":false,"items":[${Array.from({ length: count }, () => item).join(",")}]`);
}

function hitList(count: number): string {
  return Array.from({ length: count }, (_, at) => `{${hit(at)}}`).join(",");
}

function hit(number: number): string {
  return (
    `"_index":"stress","_id":"${number}","_score":null,"_source":{"n":${number},` +
    `"group":"g${number % 10}","text":"document ${number} of many"},"sort":[${number}]`
  );
}

/** An answer with a place for the stamp. */
function found(members: string): string {
  return `{"took":3,${members},"pad":"${stamp}"}`;
}
