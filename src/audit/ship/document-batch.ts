/** Documents for one request, one behind the other in memory that is used again. */
import { Buffer } from "node:buffer";

/** A document in the memory of its batch; of no use after the batch was cleared. */
export interface ShippedDocument {
  /** Where its two lines begin and end: what is to be done, and the document. */
  readonly at: number;
  readonly end: number;
  readonly batch: DocumentBatch;
}

/**
 * What a full batch takes with the documents that a step adds to it; memory that was never used is
 * only an address. Bytes.
 */
const firstBytes = 8_388_608;
/** Memory above this is given back when the batch is cleared: only large bodies need it. Bytes. */
const keptBytes = 2 * firstBytes;
const [head, neck] = ['{"create":{"_id":', "}}\n"];
const lineFeed = 0x0a;

/** Writers put bytes behind {@link end}, and say with {@link add} that they are a document. */
export class DocumentBatch {
  readonly documents: ShippedDocument[] = [];
  bytes = Buffer.allocUnsafeSlow(firstBytes);
  /** Behind the last document. */
  end = 0;

  /** Makes room behind the end. */
  reserve(bytes: number): void {
    if (this.end + bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.end + bytes));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }

  /** What was put up to this place is a document. */
  add(end: number): void {
    this.documents.push({ at: this.end, end, batch: this });
    this.end = end;
  }

  /** Adds a document that is a text. @param id of any form */
  addText(id: string, json: string): void {
    const action = head + JSON.stringify(id) + neck;
    this.reserve(3 * (action.length + json.length) + 1);
    let at = this.end;
    at += this.bytes.write(action, at);
    at += this.bytes.write(json, at);
    this.bytes[at] = lineFeed;
    this.add(at + 1);
  }

  clear(): void {
    this.documents.length = 0;
    this.end = 0;
    if (this.bytes.length > keptBytes) this.bytes = Buffer.allocUnsafeSlow(firstBytes);
  }
}

/** The lines of documents as they are sent; no copy when they stand together. */
export function linesOf(documents: readonly ShippedDocument[]): Buffer {
  const [first] = documents;
  const last = documents.at(-1);
  if (first === undefined || last === undefined) return Buffer.alloc(0);
  const isTogether = documents.every(({ at }, n) => n === 0 || at === documents[n - 1]?.end);
  const { bytes } = first.batch;
  if (isTogether) return bytes.subarray(first.at, last.end);
  return Buffer.concat(documents.map(({ at, end }) => bytes.subarray(at, end)));
}

/** Id and JSON of a document. */
export function readDocument({ at, end, batch }: ShippedDocument): {
  readonly id: string;
  readonly json: string;
} {
  const [action = "", json = ""] = batch.bytes.toString("utf8", at, end).split("\n");
  const { create } = JSON.parse(action) as { readonly create: { readonly _id: string } };
  return { id: create._id, json };
}
