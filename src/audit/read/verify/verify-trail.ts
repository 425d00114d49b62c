/** Verifies a whole directory: every log, every record, every body. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readWholeFile } from "../../../core/read-file.ts";

import { TlogError } from "../../../tlog/tlog-error.ts";
import { readLine } from "../../format/line-reader.ts";
import { membersOf, textAt, valueAt } from "../../format/audit-document.ts";
import { readRemovals, removalsFile } from "../../store/removals.ts";
import { sideLogFile } from "../../store/side-log.ts";
import { logName, manifestFile } from "../../store/tlog-files.ts";
import { listJournals, type JournalSegments } from "../catalog.ts";
import { heldAnchor, readAnchor, type Anchor } from "./anchor.ts";
import { findingOf, type Finding } from "./finding.ts";
import { judge } from "./judgement.ts";
import { logNames, readTlogFile } from "./log-folder.ts";
import { examineLog, journalOf, type LogEvidence } from "./log-verification.ts";
import { readManifest, type ManifestFile } from "./manifest-file.ts";
import { proveSideLog } from "./side-log-check.ts";
import { SegmentScans } from "./segment-scans.ts";
import { TrailEvents } from "./trail-events.ts";
import type { Trust } from "./trust.ts";

/** A checkpoint that the caller has kept elsewhere. */
export interface HeldCheckpoint {
  /** Name of its file. */
  readonly name: string;
  readonly note: Uint8Array;
}

/** What is verified, and against what. */
export interface VerifyOptions {
  /** Live, or a copy. */
  readonly directory: string;
  readonly trust: Trust;
  readonly held: readonly HeldCheckpoint[];
  /** Threads that read segments; 1: this one. */
  readonly jobs: number;
  /** How far it is, in bytes of journals. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What was found. */
export interface Verification {
  readonly logs: readonly LogEvidence[];
  /** The first bad record of each log first. Empty: everything is as it was signed. */
  readonly findings: readonly Finding[];
  readonly remarks: readonly string[];
  readonly events: TrailEvents;
}

/** A live directory may be changed by retention while it is read; then it is read again. */
const maxReadings = 3;

/**
 * Verifies a directory. Takes no lock and changes nothing.
 *
 * @throws {CatalogError} when the directory holds neither segments nor logs
 * @throws {TlogError} when a checkpoint of the caller is none
 */
export async function verifyTrail(options: VerifyOptions): Promise<Verification> {
  for (let reading = 1; ; reading += 1) {
    const before = namesOf(options.directory);
    const verification = await new TrailVerifier(options).run();
    if (verification.findings.length === 0 || reading === maxReadings) return verification;
    if (before === namesOf(options.directory)) return verification;
  }
}

/** Segments and their inodes: what retention, compression and erasure change. */
function namesOf(directory: string): string {
  return JSON.stringify(
    journalsOf(directory).map(({ segments }) =>
      segments.map(({ name, inode, isSealed }) => [name, inode, isSealed]),
    ),
  );
}

function journalsOf(directory: string): readonly JournalSegments[] {
  // A log whose segments are all gone is still a log.
  return logNames(directory).length > 0 && !hasSegments(directory) ? [] : listJournals(directory);
}

function hasSegments(directory: string): boolean {
  try {
    return listJournals(directory).length > 0;
  } catch {
    return false;
  }
}

class TrailVerifier {
  readonly #options: VerifyOptions;
  readonly #journals: readonly JournalSegments[];
  readonly #names: readonly string[];
  readonly #findings: Finding[] = [];
  readonly #remarks: string[] = [];
  readonly #events = new TrailEvents();
  /** Without what stands in the side log alone, and nobody has signed. */
  readonly #proven = new TrailEvents();
  #hasUnproven = false;
  #doneBytes = 0;

  constructor(options: VerifyOptions) {
    this.#options = options;
    this.#journals = journalsOf(options.directory);
    const names = this.#journals.map(({ name }) => logName(name));
    this.#names = [...new Set([...names, ...logNames(options.directory)])].sort();
  }

  async run(): Promise<Verification> {
    const { directory, jobs, trust } = this.#options;
    const scans = new SegmentScans({ directory, checksBodies: true }, jobs);
    const others = this.#otherAnchors();
    const context = {
      directory,
      trust,
      scans,
      onBytes: (bytes: number): void => this.#progress(bytes),
      othersOf: (name: string): readonly Anchor[] => others.get(name) ?? [],
      belongs: (origin: string, name: string): boolean => this.#nameOf(origin) === name,
    };
    const logs: LogEvidence[] = [];
    try {
      for (const name of this.#names)
        logs.push(await examineLog(name, journalOf(name, this.#journals), context));
    } finally {
      await scans.close();
    }
    this.#readEvents(logs);
    this.#readRemovals();
    for (const log of logs) {
      const findings = await judge(log, this.#events, trust, directory);
      this.#findings.push(...findings);
      if (this.#hasUnproven) {
        const strict = await judge(log, this.#proven, trust, directory);
        this.#findings.push(...unprovenAmong(strict, findings));
      }
      this.#remarks.push(...log.remarks, ...tailRemarks(log));
    }
    this.#lookForNothing(logs);
    const { total } = this.#size();
    this.#options.onProgress?.(total, total);
    return {
      logs,
      findings: this.#findings,
      remarks: this.#remarks,
      events: this.#events,
    };
  }

  /** Where all was taken away, what is left is as it was signed: nothing of it was. */
  #lookForNothing(logs: readonly LogEvidence[]): void {
    if (logs.some(({ anchors, pass }) => anchors.length > 0 || pass.result.size > 0)) return;
    const message = "neither a record nor a valid checkpoint: there is nothing that was signed";
    this.#findings.push(findingOf("unsigned", this.#names[0] ?? "audit", message));
  }

  #size(): { readonly total: number } {
    const sizes = this.#journals.flatMap(({ segments }) => segments.map(({ size }) => size));
    return { total: sizes.reduce((sum, size) => sum + size, 0) };
  }

  #progress(bytes: number): void {
    this.#doneBytes += bytes;
    const { total } = this.#size();
    this.#options.onProgress?.(Math.min(this.#doneBytes, total), total);
  }

  /** Which log of the directory has this origin: those of workers have their name at its end. */
  #nameOf(origin: string): string {
    const at = origin.lastIndexOf("/");
    const name = origin.slice(at + 1);
    if (name === "audit" || !/^audit(?:\.\d+)?(?:-text)?$/.test(name)) return "audit";
    const isWorkers =
      this.#names.includes(name) || this.#options.trust.logKeys(origin.slice(0, at)).length > 0;
    return isWorkers ? name : "audit";
  }

  /** Checkpoints by log: those that the caller holds, and the lines of the manifest. */
  #otherAnchors(): Map<string, Anchor[]> {
    const anchors = new Map<string, Anchor[]>();
    const add = (name: string, anchor: Anchor): void => {
      anchors.set(name, [...(anchors.get(name) ?? []), anchor]);
      if (this.#names.includes(name)) return;
      const { where, size } = anchor;
      const message = `the log ${name} is missing: ${where} has ${size} records of it`;
      this.#findings.push(findingOf("log_missing", name, message, 0, anchor.size));
    };
    for (const { name, note } of this.#options.held) {
      const anchor = heldAnchor(note, name);
      const log = this.#nameOf(anchor.origin);
      add(log, anchor);
      this.#checkHeld(log, name, note);
    }
    const manifest = this.#manifest();
    for (const { name, size, root } of manifest?.logs ?? [])
      add(name, {
        origin: manifest?.origin ?? "",
        size,
        root,
        where: manifestFile,
        note: undefined,
        cosigners: [],
        isHeldElsewhere: false,
      });
    return anchors;
  }

  /** A checkpoint of the caller whose signature is not one of the known keys. */
  #checkHeld(log: string, name: string, note: Uint8Array): void {
    try {
      readAnchor(note, name, this.#options.trust);
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      const message = `the keys do not fit ${name}: ${error.message}`;
      this.#findings.push(findingOf("checkpoint_invalid", log, message));
    }
  }

  #manifest(): ManifestFile | undefined {
    const note = readTlogFile(this.#options.directory, manifestFile);
    if (note === undefined) return undefined;
    try {
      return readManifest(note, this.#options.trust);
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      const message = `the manifest is not valid: ${error.message}`;
      this.#findings.push(findingOf("checkpoint_invalid", this.#names[0] ?? "audit", message));
      return undefined;
    }
  }

  #readRemovals(): void {
    const { lines, isWhole } = readRemovals(this.#options.directory);
    this.#proven.addRemovals(lines);
    const problem = this.#events.addRemovals(lines);
    if (problem !== undefined)
      this.#findings.push(findingOf("removals_changed", this.#names[0] ?? "audit", problem));
    else if (!isWhole) this.#remarks.push(`${removalsFile} ends with something that is no removal`);
  }

  /** What the trail says about itself, and what the side log of a copy says. */
  #readEvents(logs: readonly LogEvidence[]): void {
    for (const { pass } of logs)
      for (const note of pass.notes)
        if (note.kind === "event")
          for (const events of [this.#events, this.#proven])
            events.add(note.action, note.id, note.fields);
    const { findings, provenBytes } = proveSideLog(this.#options.directory, logs);
    this.#findings.push(...findings);
    const path = join(this.#options.directory, sideLogFile);
    if (!existsSync(path)) return;
    const text = readWholeFile(path, Infinity).toString("latin1");
    this.#hasUnproven = text.length > provenBytes;
    if (this.#hasUnproven) this.#remarks.push(`${sideLogFile} holds records that no log proves`);
    let end = 0;
    for (const line of text.split("\n")) {
      end += line.length + 1;
      const document = readLine(line) ?? {};
      const action = textAt(document, "event.action") ?? "";
      const fields = membersOf(valueAt(document, "es_proxy.event"));
      const id = textAt(document, "event.id") ?? "";
      this.#events.add(action, id, fields);
      if (end <= provenBytes) this.#proven.add(action, id, fields);
    }
  }
}

/**
 * What is a finding only when the unproven part of the side log is not believed: whoever removes
 * records can write there, too.
 *
 * @param strict findings without that part
 * @param found those with it
 */
function unprovenAmong(strict: readonly Finding[], found: readonly Finding[]): Finding[] {
  const isFound = ({ kind, index, count }: Finding): boolean =>
    found.some((one) => one.kind === kind && one.index === index && one.count === count);
  return strict
    .filter((finding) => !isFound(finding))
    .map((finding) => {
      const what = finding.message.replace(", and no record says why", "");
      const message = `${what}: only ${sideLogFile} says why, which no log proves`;
      return { ...finding, kind: "unproven", message };
    });
}

function tailRemarks({ name, pass }: LogEvidence): string[] {
  const remarks = pass.segments.flatMap(({ segment, end }) =>
    end.tailBytes === 0
      ? []
      : [`${segment.name} ends with ${end.tailBytes} bytes that are no whole record`],
  );
  const leftovers = pass.result.leftovers.length;
  if (leftovers > 0)
    remarks.push(
      `${name}: ${leftovers} tiles that belong to no checkpoint differ from the records`,
    );
  return remarks;
}
