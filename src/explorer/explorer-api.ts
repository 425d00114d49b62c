/** What the page asks, by the path of each question. */
import type { ServerResponse } from "node:http";

import { completeKql } from "../kql/completion.ts";
import type { Field } from "../kql/field-table.ts";
import { readField } from "../kql/record-fields.ts";
import { AnswerStream } from "./answer-stream.ts";
import { streamCoverage } from "./coverage.ts";
import { entryView, shownExchange } from "./entry-view.ts";
import type { ExploredTrail } from "./explored-trail.ts";
import type { Facets } from "./facets.ts";
import { sendJson } from "./json-answer.ts";
import { streamLive } from "./live.ts";
import { numberOf, questionOf } from "./question.ts";
import { streamRanking } from "./ranking.ts";
import { streamReads } from "./reads.ts";
import { streamSearch } from "./search.ts";
import { documentNameOf, streamSightings } from "./sightings.ts";

export interface ApiOptions {
  readonly trail: ExploredTrail;
  /** What the proxy that serves the explorer says of itself; `undefined`: none does. */
  readonly status?: (() => Promise<unknown>) | undefined;
}

/** Answers that are being made at a time: each reads files. */
const maxStreams = 16;
/** Rows of the first answer, more than a screen holds; and the most that a page can scroll well. */
const usualRows = 500;
const maxRows = 100_000;
/** Rows that come when the last ones are reached. */
const olderCount = 1000;

/** The fields of filters by the columns whose values are known. */
const facetOfField: Readonly<Record<string, string>> = {
  "user.name": "user",
  "event.action": "action",
  "es_proxy.indices": "index",
  "client.ip": "source",
  "source.ip": "source",
  "http.response.status_code": "status",
  [readField]: "read",
};

/** Answers questions about one trail. */
export class ExplorerApi {
  readonly #options: ApiOptions;
  #streams = 0;
  /** Of the last question that was answered: for completion. */
  #facets: Facets | undefined = undefined;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /**
   * @throws {QuestionError} for a question that cannot be answered
   * @throws {CatalogError} when the directory holds no trail
   */
  async answer({ pathname, searchParams }: URL, response: ServerResponse): Promise<void> {
    const { trail, status } = this.#options;
    // Not a question yet: what is being typed may be broken.
    if (pathname === "/api/complete") {
      sendJson(response, 200, this.#complete(searchParams));
      return;
    }
    if (pathname === "/api/status") {
      sendJson(response, 200, (await status?.()) ?? { isAlone: true });
      return;
    }
    await trail.prepare();
    const question = questionOf(searchParams, Date.now());
    const [, kind, id] = /^\/api\/(entry|proof)\/([0-9a-f-]{6,36})$/.exec(pathname) ?? [];
    if (id !== undefined) {
      const entry = kind === "entry" ? await entryView(trail, id) : undefined;
      if (entry !== undefined)
        await trail.shown(shownExchange(entry, response.req.socket.remoteAddress ?? ""));
      const view = kind === "entry" ? entry : await trail.proof(id);
      sendJson(response, view === undefined ? 404 : 200, view ?? { error: `no entry ${id}` });
      return;
    }
    switch (pathname) {
      case "/api/search": {
        const limit = Math.trunc(numberOf(searchParams, "limit") ?? usualRows);
        const rows = Math.max(1, Math.min(maxRows, limit));
        await this.#stream(response, async (stream) => {
          this.#facets = await streamSearch(trail, question, rows, stream());
        });
        return;
      }
      case "/api/older": {
        const span = numberOf(searchParams, "span") ?? 0;
        await this.#stream(response, async (stream) => {
          const answer = stream();
          await answer.write(await trail.older(question, olderCount, span, answer.signal));
        });
        return;
      }
      case "/api/ranking": {
        const by = searchParams.get("by") ?? "action";
        const sort = searchParams.get("sort") ?? "count";
        await this.#stream(response, (stream) =>
          streamRanking(trail, question, { by, sort }, stream),
        );
        return;
      }
      case "/api/who": {
        const document = documentNameOf(searchParams);
        await this.#stream(response, (stream) =>
          streamSightings(trail, question, document, stream()),
        );
        return;
      }
      case "/api/reads": {
        const sort = searchParams.get("sort") ?? "documents";
        await this.#stream(response, (stream) => streamReads(trail, question, sort, stream));
        return;
      }
      case "/api/live":
        await this.#stream(response, (stream) => streamLive(trail, question, stream()));
        return;
      case "/api/coverage":
        await this.#stream(response, (stream) => streamCoverage(trail, stream()));
        return;
      default:
        sendJson(response, 404, { error: "not found" });
    }
  }

  /** @param make is given what makes the stream, when the question has proven to be answerable */
  async #stream(
    response: ServerResponse,
    make: (stream: () => AnswerStream) => Promise<void>,
  ): Promise<void> {
    if (this.#streams >= maxStreams) {
      sendJson(response, 503, { error: "too many questions at a time" });
      return;
    }
    this.#streams += 1;
    let stream: AnswerStream | undefined = undefined;
    try {
      await make(() => (stream = new AnswerStream(response)));
    } finally {
      this.#streams -= 1;
      (stream as AnswerStream | undefined)?.end();
    }
  }

  #complete(searchParams: URLSearchParams): unknown {
    const text = searchParams.get("text") ?? "";
    const cursor = numberOf(searchParams, "cursor") ?? text.length;
    const valuesOf = ({ name }: Field, prefix: string): readonly string[] =>
      this.#facets?.proposals(facetOfField[name] ?? "", prefix) ?? [];
    return completeKql(text, cursor, { valuesOf });
  }
}
