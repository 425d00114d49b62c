/** All documents that one exchange returned or wrote, for the question who has seen which. */
import type { DocumentListener } from "../../elasticsearch/body/document-list.ts";
import type { WatchListener } from "../../elasticsearch/body/watch/watched-documents.ts";
import { jsonAscii, jsonString } from "../format/json-text.ts";
import { DistinctSketch } from "../../elasticsearch/reads/distinct-sketch.ts";

/**
 * What was done with documents. `read`: they were in the answer. `wrote`: they were written.
 * `tried`: writing them was asked for, and failed for all or some, or its answer is not known.
 * `asked`: they were asked for by id, and the answer was not examined.
 */
export type DocumentUse = (typeof documentUses)[number];

export const documentUses = ["read", "wrote", "tried", "asked"] as const;

/** Ids by index; the index is "" where it is not said. */
export type IdsByIndex = readonly (readonly [index: string, ids: readonly string[]])[];

/** Documents of one exchange, or a part of them. */
export interface UsedDocuments {
  readonly uses: Partial<Record<DocumentUse, IdsByIndex>>;
  /** Watched fields that were in the answer, with the documents that had just these. */
  readonly watched: readonly (readonly [
    index: string,
    fields: readonly string[],
    ids: readonly string[],
  ])[];
}

/** {@link UsedDocuments} as JSON, ASCII. */
export function documentsText({ uses, watched }: UsedDocuments): string {
  let text = "";
  for (const use of documentUses) {
    const byIndex = uses[use];
    if (byIndex !== undefined) text += `${text === "" ? "" : ","}"${use}":${idsText(byIndex)}`;
  }
  return `{"uses":{${text}},"watched":${watched.length === 0 ? "[]" : jsonAscii(watched)}}`;
}

function idsText(byIndex: IdsByIndex): string {
  let text = "";
  for (const [index, ids] of byIndex) {
    text += `${text === "" ? "[" : ","}[${jsonString(index)},[`;
    for (let at = 0; at < ids.length; at += 1)
      text += (at === 0 ? "" : ",") + jsonString(ids[at] ?? "");
    text += "]]";
  }
  return `${text}]`;
}

/** Takes the documents of one exchange, in one or several parts. */
export type DocumentsListener = (documents: UsedDocuments) => void;

/** Ids that are held at most; then they are handed on. Their memory is about a megabyte. */
const maxHeld = 10_000;

/** Takes the documents of one exchange. */
export class DocumentCollector {
  /**
   * What is in the answer, to count how many different ones a read of many calls returned;
   * `undefined`: nothing.
   */
  sketch: DistinctSketch | undefined = undefined;
  readonly #onPart: DocumentsListener;
  readonly #uses = new Map<DocumentUse, Map<string, string[]>>();
  #watched: Map<string, { index: string; fields: readonly string[]; ids: string[] }> | undefined =
    undefined;
  readonly #limit: number;
  #watchedIds = 0;
  #held = 0;

  /**
   * @param onPart takes documents whenever there are many, and the rest in the end
   * @param limit documents of each use that are told, where not all are; then in one part
   */
  constructor(onPart: DocumentsListener, limit = Infinity) {
    this.#onPart = onPart;
    this.#limit = limit;
  }

  /** A listener for documents of one use. */
  listener(use: DocumentUse): DocumentListener {
    let told = 0;
    return {
      document: (index = "", id) => {
        if (id === undefined || told === this.#limit) return;
        told += 1;
        if (use === "read") (this.sketch ??= new DistinctSketch()).add(index, id);
        let byIndex = this.#uses.get(use);
        if (byIndex === undefined) this.#uses.set(use, (byIndex = new Map<string, string[]>()));
        const ids = byIndex.get(index);
        if (ids === undefined) byIndex.set(index, [id]);
        else ids.push(id);
        this.#count();
      },
    };
  }

  readonly watched: WatchListener = {
    watched: (index = "", id, fields) => {
      if (id === undefined || this.#watchedIds === this.#limit) return;
      this.#watchedIds += 1;
      const key = JSON.stringify([index, fields]);
      const watched = (this.#watched ??= new Map());
      const known = watched.get(key);
      if (known === undefined) watched.set(key, { index, fields: [...fields], ids: [id] });
      else known.ids.push(id);
      this.#count();
    },
  };

  /** What was noted for one use stands for another one. */
  rename(from: DocumentUse, to: DocumentUse): void {
    const found = this.#uses.get(from);
    if (found === undefined || from === to) return;
    this.#uses.delete(from);
    this.#uses.set(to, found);
  }

  /** What was noted for a use means nothing. */
  forget(use: DocumentUse): void {
    this.#uses.delete(use);
  }

  /** The answer was another one. */
  forgetAnswer(): void {
    this.#uses.delete("read");
    this.#uses.delete("wrote");
    this.#watched = undefined;
    this.#watchedIds = 0;
    this.sketch = undefined;
  }

  /** Hands on what is left. */
  finish(): void {
    if (this.#uses.size === 0 && this.#watched === undefined) return;
    const uses: Partial<Record<DocumentUse, IdsByIndex>> = {};
    for (const [use, byIndex] of this.#uses) uses[use] = [...byIndex];
    const watched = Array.from(
      this.#watched?.values() ?? [],
      ({ index, fields, ids }) => [index, fields, ids] as const,
    );
    this.#uses.clear();
    this.#watched = undefined;
    this.#held = 0;
    this.#onPart({ uses, watched });
  }

  #count(): void {
    this.#held += 1;
    if (this.#held >= maxHeld) this.#handOnRead();
  }

  /** What was sent is sent, whatever comes; the meaning of the rest is known in the end only. */
  #handOnRead(): void {
    const later = [...this.#uses].filter(([use]) => use !== "read");
    for (const [use] of later) this.#uses.delete(use);
    this.finish();
    for (const [use, byIndex] of later) this.#uses.set(use, byIndex);
  }
}
