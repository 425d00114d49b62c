/** All documents that one exchange returned or wrote, for the question who has seen which. */
import type { DocumentListener } from "../../elasticsearch/body/document-list.ts";
import type { WatchListener } from "../../elasticsearch/body/watch/watched-documents.ts";
import { jsonAscii, jsonString } from "../format/json-text.ts";
import { DistinctSketch } from "../../elasticsearch/reads/distinct-sketch.ts";

/**
 * What was done with documents. `read`: they were in the answer. `wrote`: they were written.
 * `tried`: writing them was asked for, and failed, or its answer is not known.
 * `asked`: they were asked for by id, and the answer was not examined. `untold`: what the exchange
 * returned or wrote is not known, or not all of it: one empty id, and in place of an index the list
 * of expressions that was asked for.
 */
export type DocumentUse = (typeof documentUses)[number];

export const documentUses = ["read", "wrote", "tried", "asked", "untold"] as const;

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
/** Of those that wait for the end: some ten megabytes. */
const maxAsked = 100_000;

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
  readonly #told = { read: 0, wrote: 0, tried: 0, asked: 0, untold: 0 };
  #askedHeld = 0;
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
    return {
      document: (index = "", id) => {
        if (id === undefined) return;
        this.#told[use] += 1;
        if (this.#told[use] > this.#limit) return;
        if (use === "read") (this.sketch ??= new DistinctSketch()).add(index, id);
        let byIndex = this.#uses.get(use);
        if (byIndex === undefined) this.#uses.set(use, (byIndex = new Map<string, string[]>()));
        const ids = byIndex.get(index);
        if (ids === undefined) byIndex.set(index, [id]);
        else ids.push(id);
        if (use === "asked") this.#askedHeld += 1;
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

  /** More documents were told than are handed on. */
  get isCut(): boolean {
    return this.#told.read > this.#limit || this.#told.wrote > this.#limit;
  }

  /**
   * Other documents may have been returned or written.
   *
   * @param indices a list of index expressions, as asked; "": any
   */
  addUntold(indices: string): void {
    this.listener("untold").document(indices, "");
  }

  /** Documents that were told with their ids. */
  count(use: DocumentUse): number {
    return this.#told[use];
  }

  /**
   * What became of documents that the request names is known.
   *
   * @param use `undefined`: the answer has told each of them
   */
  settleAsked(use: "read" | "wrote" | "tried" | undefined): void {
    const asked = this.#uses.get("asked");
    if (asked === undefined) return;
    this.#uses.delete("asked");
    if (use === undefined) return;
    const known = this.#uses.get(use);
    if (known === undefined) this.#uses.set(use, asked);
    else for (const [index, ids] of asked) addUnknown(known, index, ids);
  }

  /** The answer says of all items together that none failed. */
  settleTried(): void {
    const tried = this.#uses.get("tried");
    if (tried === undefined) return;
    this.#uses.delete("tried");
    const known = this.#uses.get("wrote");
    if (known === undefined) this.#uses.set("wrote", tried);
    else for (const [index, ids] of tried) addUnknown(known, index, ids);
  }

  /** The answer was another one. */
  forgetAnswer(): void {
    this.#uses.delete("read");
    this.#uses.delete("wrote");
    this.#watched = undefined;
    this.#uses.delete("tried");
    this.#told.read = this.#told.wrote = this.#told.tried = 0;
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
    if (this.#held >= maxHeld) this.#handOn();
  }

  /**
   * What an answer told is known; what became of documents that the request names is known in the
   * end only. So many of these are held; the next ones are told as `asked`, too.
   */
  #handOn(): void {
    const asked = this.#askedHeld < maxAsked ? this.#uses.get("asked") : undefined;
    if (asked !== undefined) this.#uses.delete("asked");
    else this.#askedHeld = 0;
    this.finish();
    if (asked !== undefined) this.#uses.set("asked", asked);
  }
}

/** Adds ids that are not there. */
function addUnknown(known: Map<string, string[]>, index: string, ids: readonly string[]): void {
  const there = known.get(index);
  if (there === undefined) known.set(index, [...ids]);
  else {
    const seen = new Set(there);
    for (const id of ids) if (!seen.has(id)) there.push(id);
  }
}
