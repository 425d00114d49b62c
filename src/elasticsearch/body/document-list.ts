/** Documents that a request or an answer names: all counted, the first ones kept. */

/** So many stand in a record; the rest is counted, and told to the listener. */
export const maxListedDocuments = 100;

export interface DocumentRef {
  /** As it stands there; undefined: not named. */
  readonly index: string | undefined;
  readonly id: string | undefined;
}

/**
 * Takes every document, also those that the record has no room for. Values as in
 * `DocumentRef`.
 */
export interface DocumentListener {
  document(index: string | undefined, id: string | undefined): void;
}

export interface DocumentFacts {
  readonly count: number;
  /** Documents of which no id was seen. */
  readonly withoutId: number;
  readonly first: readonly DocumentRef[];
}

export class DocumentList {
  readonly #listener: DocumentListener | undefined;
  readonly #first: DocumentRef[] = [];
  #count = 0;
  #withoutId = 0;

  constructor(listener: DocumentListener | undefined) {
    this.#listener = listener;
  }

  /** The next document's id is wanted as a string. */
  get needsId(): boolean {
    return this.#listener !== undefined || this.#first.length < maxListedDocuments;
  }

  /** @param id undefined although it has one when {@link needsId} is false */
  add(index: string | undefined, id: string | undefined, hasId: boolean): void {
    this.#count += 1;
    if (!hasId) this.#withoutId += 1;
    else if (this.#first.length < maxListedDocuments) this.#first.push({ index, id });
    this.#listener?.document(index, id);
  }

  facts(): DocumentFacts {
    return { count: this.#count, withoutId: this.#withoutId, first: this.#first };
  }
}
