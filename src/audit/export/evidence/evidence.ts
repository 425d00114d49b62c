/** Gathers what proves some exchanges, in files that can be checked without this program. */
import { Buffer } from "node:buffer";

import { recordEntry } from "../../../tlog/hashes.ts";
import type { PolicyWitness } from "../../../tlog/policy.ts";
import { formatProofFile } from "../../../tlog/proof-file.ts";
import type { VerifierKey } from "../../../tlog/verifier-key.ts";
import { readErasedLine } from "../../format/erased-line.ts";
import { openRecordedBody, recordedBody } from "../../read/recorded-body.ts";
import type { RecordLine, TrailEntry } from "../../read/trail-entry.ts";
import type { RecordProof } from "../../read/verify/record-proof.ts";
import type { Trust } from "../../read/verify/trust.ts";
import { proveEntry } from "../../read/verify/verify-part.ts";
import type { VerifyOptions } from "../../read/verify/verify-trail.ts";
import { checkPathFile, checkPathProgram } from "./check-path.ts";
import type { EvidenceFile } from "./evidence-file.ts";
import { evidencePage, type EvidenceSubject } from "./evidence-page.ts";
import { evidencePolicy } from "./evidence-policy.ts";
import { pageHtml, pageText } from "./page-forms.ts";
import { signatureFiles, type SignaturePieces } from "./signature-files.ts";

/** An archive, or why there can be none, one line each. */
export type Evidence =
  | { readonly files: readonly EvidenceFile[]; readonly entries: readonly TrailEntry[] }
  | { readonly problems: readonly string[] };

/**
 * The records of some exchanges, their bodies, and what proves them.
 *
 * @param ids of exchanges, sessions or records; parts of ids are enough
 * @throws {CatalogError} when the directory holds no trail
 */
export async function gatherEvidence(
  ids: readonly string[],
  options: VerifyOptions,
): Promise<Evidence> {
  const problems: string[] = [];
  const collection = new EvidenceCollection(options.directory, options.trust);
  for (const id of ids) {
    const proven = await proveEntry(id, options);
    if (proven === undefined) problems.push(`there is no record with the id ${id}`);
    else if ("entry" in proven) collection.add(proven.entry, proven.proofs);
    else problems.push(...proven.map((problem) => `${id}: ${problem}`));
  }
  if (problems.length > 0) return { problems };
  return { files: collection.end(), entries: collection.entries };
}

class EvidenceCollection {
  readonly #directory: string;
  readonly #trust: Trust;
  readonly #files: EvidenceFile[] = [];
  readonly #subjects: EvidenceSubject[] = [];
  /** By folder. */
  readonly #signatures = new Map<string, SignaturePieces[]>();
  readonly #logKeys = new Map<string, VerifierKey>();
  readonly #witnesses = new Map<string, VerifierKey>();
  #isCosigned = true;

  constructor(directory: string, trust: Trust) {
    this.#directory = directory;
    this.#trust = trust;
  }

  get entries(): TrailEntry[] {
    return this.#subjects.map(({ entry }) => entry);
  }

  add(entry: TrailEntry, proofs: readonly RecordProof[]): void {
    const { id } = entry;
    if (this.#subjects.some((subject) => subject.id === id)) return;
    const folder = `records/${id}`;
    const records = proofs.map((proof) => this.#addRecord(folder, entry, proof));
    const bodies = (["request", "response"] as const).flatMap((side) => {
      const body = recordedBody(entry, side);
      if (body.pointer === undefined || "file" in body.pointer) return [];
      const path = `${folder}/${side}-body`;
      this.#files.push({ path, content: () => openRecordedBody(this.#directory, body) });
      return [{ path, side, sha256: body.pointer.sha256, bytes: body.pointer.bytes }];
    });
    this.#subjects.push({ id, entry, records, bodies });
  }

  /** All files, the page to read first in front. */
  end(): EvidenceFile[] {
    const logs = [...this.#logKeys.values()];
    const witnesses = [...this.#witnesses.values()];
    const policy = evidencePolicy(logs, witnesses, this.#isCosigned);
    const page = evidencePage({
      subjects: this.#subjects,
      signatures: [...this.#signatures.values()].flat(),
      logs,
      witnesses,
      isSelfNamed: this.#trust.source === "directory",
    });
    return [
      { path: "README.txt", content: Buffer.from(pageText(page)) },
      { path: "index.html", content: Buffer.from(pageHtml(page)) },
      { path: "policy.txt", content: Buffer.from(policy) },
      { path: "vkeys.txt", content: Buffer.from([...logs, ...witnesses].join("\n") + "\n") },
      { path: checkPathFile, content: Buffer.from(checkPathProgram) },
      ...this.#files,
    ];
  }

  #addRecord(
    folder: string,
    entry: TrailEntry,
    { line, log, index, path, anchor, note }: RecordProof,
  ): EvidenceSubject["records"][number] {
    const file = `${folder}/${nameOf(entry, line)}`;
    const proof = `${file.slice(0, file.lastIndexOf("."))}.tlog-proof`;
    const checkpoint = formatProofFile({ index, path, checkpoint: note, extra: undefined });
    this.#files.push({ path: file, content: line.bytes }, { path: proof, content: checkpoint });
    const signatures = this.#addCheckpoint(log, anchor.origin, anchor.size, note);
    if (!signatures.some(({ key }) => this.#witnesses.has(key.toString())))
      this.#isCosigned = false;
    const erased = readErasedLine(line.bytes, 0, line.bytes.length);
    const digest = erased?.entry ?? recordEntry(line.bytes);
    return {
      file,
      proof,
      log,
      index,
      entry: digest.toString("hex"),
      isErased: erased !== undefined,
      origin: anchor.origin,
      size: anchor.size,
      signatures,
    };
  }

  /** Once for each checkpoint. */
  #addCheckpoint(log: string, origin: string, size: number, note: Uint8Array): SignaturePieces[] {
    const folder = `checkpoints/${log}-${size}`;
    const known = this.#signatures.get(folder);
    if (known !== undefined) return known;
    const logKeys = this.#trust.logKeys(origin);
    const others = this.#trust.policy.witnesses.map(({ key }: PolicyWitness) => key);
    const { files, signatures } = signatureFiles(note, [...logKeys, ...others], folder);
    for (const { key } of signatures)
      (logKeys.includes(key) ? this.#logKeys : this.#witnesses).set(key.toString(), key);
    this.#files.push(...files);
    this.#signatures.set(folder, signatures);
    return signatures;
  }
}

/** `request.json`, `response.json`; `.txt` for lines of the format `text`. */
function nameOf({ kind, opening }: TrailEntry, line: RecordLine): string {
  const ending = line.bytes[0] === 0x7b ? "json" : "txt";
  if (kind !== "exchange" && kind !== "session") return `record.${ending}`;
  const [first, last] = kind === "exchange" ? ["request", "response"] : ["start", "end"];
  return `${line === opening ? first : last}.${ending}`;
}
