/** Ways to tamper with a directory, each with what a verification must say. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { readLine } from "../../../../src/audit/format/line-reader.ts";
import { bodyPointerAt } from "../../../../src/audit/format/ecs/ecs-body-fields.ts";
import { erasedLine } from "../../../../src/audit/format/erased-line.ts";
import type { FindingKind } from "../../../../src/audit/read/verify/finding.ts";
import { sideLogFile } from "../../../../src/audit/store/side-log.ts";
import { recordEntry } from "../../../../src/tlog/hashes.ts";
import { frameHeaderBytes } from "../../../../src/audit/store/pack-format.ts";
import { parseCheckpoint } from "../../../../src/tlog/checkpoint.ts";
import { parseNote } from "../../../../src/tlog/note.ts";
import { signCheckpoint } from "../../../../src/tlog/signed-checkpoint.ts";
import type { SigningKey } from "../../../../src/tlog/signing-key.ts";
import { parseTilePath, tileWidth } from "../../../../src/tlog/tile.ts";
import { seededKey } from "../../../tlog/keys.ts";
import type { JournalTruth, Random, TamperedDirectory } from "./tampered-directory.ts";

/** What a verification must find. */
export interface Expected {
  /** One of these is the kind of the first finding of the log. */
  readonly kinds: readonly FindingKind[];
  /** Number of the first bad record; "lines": as the lines on disk tell; `undefined`: none. */
  readonly index: number | "lines" | undefined;
  /** The first bad record need only lie within the finding's range. */
  readonly isRange?: boolean;
  /** Must stand in its message. */
  readonly text?: string;
}

export interface Tampering {
  readonly name: string;
  /** @returns `undefined` when there is nothing here to tamper with in this way */
  apply(
    directory: TamperedDirectory,
    journal: JournalTruth,
    random: Random,
    keyOf: (origin: string) => SigningKey,
    /** Makes the log anew from the records, with the key. */
    recompute: () => Promise<void>,
  ): Promise<Expected | undefined> | Expected | undefined;
}

const lineKinds = ["edited", "removed", "cut", "inserted"] as const;

export const tamperings: readonly Tampering[] = [
  {
    name: "a bit of a record",
    apply(directory, { segments }, random) {
      const segment = random.pick(segments.filter(isPlain));
      const bytes = Buffer.from(directory.original(segment));
      if (bytes.length === 0) return undefined;
      const at = random.next(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.next(8));
      directory.write(segment, bytes);
      return { kinds: lineKinds, index: "lines" };
    },
  },
  {
    name: "records removed",
    apply(directory, journal, random) {
      const { segment, line } = somePlace(journal, random);
      const lines = directory.linesOf(segment);
      lines.splice(line, 1 + random.next(4));
      directory.writeLines(segment, lines);
      return { kinds: ["removed", "cut"], index: "lines" };
    },
  },
  {
    name: "records swapped",
    apply(directory, journal, random) {
      const [one, other] = [somePlace(journal, random), somePlace(journal, random)];
      if (one.segment === other.segment && one.line === other.line) return undefined;
      const lines = new Map<string, string[]>();
      const of = (name: string): string[] => {
        const known = lines.get(name) ?? directory.linesOf(name);
        lines.set(name, known);
        return known;
      };
      const [first, second] = [of(one.segment), of(other.segment)];
      const text = first[one.line] ?? "";
      first[one.line] = second[other.line] ?? "";
      second[other.line] = text;
      for (const [name, content] of lines) directory.writeLines(name, content);
      return { kinds: ["swapped"], index: "lines" };
    },
  },
  {
    name: "a record inserted: a copy, or a forged one",
    apply(directory, journal, random) {
      const { segment, line } = somePlace(journal, random);
      const lines = directory.linesOf(segment);
      const copy = random.pick(journal.lines);
      const isForged = random.next(2) === 0;
      lines.splice(line, 0, isForged ? copy.replace(/[0-9a-f]{12}"/, '0123456789ab"') : copy);
      directory.writeLines(segment, lines);
      // A copy of a record that follows at once looks as if that one had been there twice.
      return { kinds: ["inserted", "edited", "swapped"], index: "lines" };
    },
  },
  {
    name: "the tail cut, by bytes, lines or segments",
    apply(directory, journal, random) {
      const count = 1 + random.next(Math.min(journal.segments.length, 3));
      const removed = journal.segments.slice(-count);
      const [first = ""] = removed;
      for (const segment of removed.slice(1)) directory.remove(segment);
      const bytes = directory.original(first);
      if (!isPlain(first) || bytes.length === 0) directory.remove(first);
      else directory.write(first, bytes.subarray(0, random.next(bytes.length)));
      return { kinds: ["cut", "removed", "log_missing"], index: "lines" };
    },
  },
  {
    name: "a segment removed",
    apply(directory, { segments }, random) {
      if (segments.length < 3) return undefined;
      directory.remove(random.pick(segments.slice(0, -1)));
      return { kinds: ["removed", "cut"], index: "lines" };
    },
  },
  {
    name: "a record replaced as if it had been erased",
    apply(directory, journal, random) {
      const { segment, line } = somePlace(journal, random);
      const lines = directory.linesOf(segment);
      lines[line] = erasedLine(lines[line] ?? "", { event: "none", reason: "none", by: "me" });
      directory.writeLines(segment, lines);
      return { kinds: ["edited"], index: "lines", text: "as if it had been erased" };
    },
  },
  {
    name: "a record replaced so, with a forged record beside the trail",
    apply(directory, journal, random) {
      const { segment, line } = somePlace(journal, random);
      const lines = directory.linesOf(segment);
      const record = lines[line] ?? "";
      lines[line] = erasedLine(record, { event: "none", reason: "none", by: "me" });
      directory.writeLines(segment, lines);
      const entries = [recordEntry(Buffer.from(record, "latin1")).toString("hex")];
      const event = { id: "none", action: "audit.erase" };
      const forged = { event, es_proxy: { record: "event", event: { reason: "none", entries } } };
      directory.write(sideLogFile, Buffer.from(`${JSON.stringify(forged)}\n`));
      return { kinds: ["unproven"], index: "lines", text: "only side-log.jsonl says why" };
    },
  },
  {
    name: "a bit of a body",
    apply(directory, journal, random) {
      const pointers = pointersOf(journal);
      if (pointers.length === 0) return undefined;
      const { pack, offset, storedBytes } = random.pick(pointers);
      const bytes = Buffer.from(directory.original(pack));
      const at = offset + random.next(frameHeaderBytes + storedBytes);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.next(8));
      directory.write(pack, bytes);
      const index = pointers.find((one) => one.pack === pack && one.offset === offset)?.index;
      return { kinds: ["body_changed"], index };
    },
  },
  {
    name: "a pack removed",
    apply(directory, journal, random) {
      const pointers = pointersOf(journal);
      if (pointers.length === 0) return undefined;
      const { pack } = random.pick(pointers);
      directory.remove(pack);
      return { kinds: ["pack_missing"], index: pointers.find((one) => one.pack === pack)?.index };
    },
  },
  {
    name: "a bit of a tile or bundle",
    apply(directory, { log }, random) {
      const file = random.pick(signedTiles(directory, log));
      const bytes = Buffer.from(directory.original(file));
      const at = random.next(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.next(8));
      directory.write(file, bytes);
      const text = file.slice(file.indexOf("tile/"));
      return { kinds: ["tile_changed"], index: undefined, text };
    },
  },
  {
    name: "a tile or bundle removed",
    apply(directory, { log, lines }, random) {
      const needed = signedTiles(directory, log).filter((file) => {
        const { level, index, width } = tileOf(file);
        const count = Math.floor(lines.length / tileWidth ** (level === "entries" ? 0 : level));
        return width === Math.min(tileWidth, count - index * tileWidth);
      });
      directory.remove(random.pick(needed));
      return { kinds: ["tile_missing"], index: undefined };
    },
  },
  {
    name: "a record and its hash in the tiles, without the key",
    apply(directory, journal, random) {
      const { segment, line } = somePlace(journal, random);
      const at = journal.places.findIndex((one) => one.segment === segment && one.line === line);
      const lines = directory.linesOf(segment);
      lines[line] = (lines[line] ?? "").replace("2026", "2025");
      directory.writeLines(segment, lines);
      for (const [level, stride] of [
        ["0", 32],
        ["entries", 34],
      ] as const)
        for (const file of directory.files(new RegExp(`^tlog/${journal.log}/tile/${level}/`))) {
          const { index, width } = tileOf(file);
          const place = at - index * tileWidth;
          if (place < 0 || place >= width) continue;
          const bytes = Buffer.from(directory.original(file));
          bytes.fill(0x61, place * stride + stride - 32, (place + 1) * stride);
          directory.write(file, bytes);
        }
      return { kinds: ["rewritten", "edited"], index: at, isRange: true };
    },
  },
  {
    name: "a bit of the checkpoint or of the history",
    apply(directory, { log }, random) {
      const file = `tlog/${log}/${random.pick(["checkpoint", "checkpoints"])}`;
      const bytes = Buffer.from(directory.original(file));
      const at = random.next(bytes.length);
      if (file.endsWith("s") && isInCosignerHint(bytes, at)) return undefined;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.next(8));
      directory.write(file, bytes);
      return { kinds: ["checkpoint_invalid"], index: undefined };
    },
  },
  {
    name: "a checkpoint of another key",
    apply(directory, { log }) {
      const file = `tlog/${log}/checkpoint`;
      const checkpoint = parseCheckpoint(parseNote(directory.original(file)).text);
      const other = seededKey(checkpoint.origin, 77);
      const note = signCheckpoint(checkpoint, [other], 1_800_000_000);
      directory.write(file, note);
      directory.write(`${file}s`, Buffer.concat([note, Buffer.from("\n")]));
      return { kinds: ["checkpoint_invalid"], index: undefined, text: "no known key has signed" };
    },
  },
  {
    name: "a checkpoint of the right key over another tree",
    apply(directory, { log, lines }, random, keyOf) {
      const file = `tlog/${log}/checkpoint`;
      const { origin } = parseCheckpoint(parseNote(directory.original(file)).text);
      const size = 1 + random.next(2 * lines.length);
      const checkpoint = { origin, size, root: Buffer.alloc(32, 7), extensions: [] };
      const note = signCheckpoint(checkpoint, [keyOf(origin)], 1_800_000_000);
      directory.write(file, note);
      const history = directory.original(`${file}s`);
      directory.write(`${file}s`, Buffer.concat([history, note, Buffer.from("\n")]));
      return {
        kinds: ["rewritten", "checkpoint_invalid", "cut"],
        index: undefined,
        text: "checkpoint",
      };
    },
  },
  {
    name: "a record changed by the owner, who makes the log anew with the key, not the witness",
    async apply(directory, journal, random, _keyOf, recompute) {
      const history = `tlog/${journal.log}/checkpoints`;
      const notes = directory.original(history);
      const index = random.next(journal.lines.length);
      const { segment, line } = journal.places[index] ?? { segment: "", line: 0 };
      // The follower passes over compressed segments: it has followed them before.
      if (!journal.segments.every(isPlain)) return undefined;
      const lines = directory.linesOf(segment);
      lines[line] = (lines[line] ?? "").replace("2026", "2025");
      directory.writeLines(segment, lines);
      directory.remake("tlog");
      await recompute();
      const keeps = random.next(2) === 0;
      if (!keeps) return { kinds: ["unsigned"], index: undefined };
      // Who does not hide what others have signed is told between which checkpoints it was.
      const made = readFileSync(join(directory.path, history));
      directory.write(history, Buffer.concat([notes, made]));
      const sizes = checkpointSizes(directory, journal.log);
      const from = Math.max(0, ...sizes.filter((size) => size <= index));
      return { kinds: ["rewritten"], index, isRange: true, text: `records ${from} to` };
    },
  },
  {
    name: "a bit of a compressed segment",
    apply(directory, journal, random) {
      const compressed = journal.segments.filter((segment) => !isPlain(segment));
      if (compressed.length === 0) return undefined;
      const segment = random.pick(compressed);
      const bytes = Buffer.from(directory.original(segment));
      const at = random.next(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.next(8));
      directory.write(segment, bytes);
      // Some bits of a frame's header make no difference.
      if (directory.firstBad(journal) === undefined) return undefined;
      return { kinds: [...lineKinds, "unreadable", "rewritten"], index: undefined };
    },
  },
  {
    name: "the folder of the log removed",
    apply(directory, { log }) {
      directory.removeFolder(`tlog/${log}`);
      return { kinds: ["unsigned", "rewritten", "cut"], index: 0 };
    },
  },
];

function isPlain(segment: string): boolean {
  return !segment.endsWith(".zst");
}

function somePlace(journal: JournalTruth, random: Random): JournalTruth["places"][number] {
  return random.pick(journal.places.filter(({ segment }) => isPlain(segment)));
}

/** Bodies in packs, by the records that point to them, in their order. */
function pointersOf({ lines }: JournalTruth): {
  readonly index: number;
  readonly pack: string;
  readonly offset: number;
  readonly storedBytes: number;
}[] {
  return lines.flatMap((line, index) => {
    const document = readLine(line) ?? {};
    return (["request_body", "response_body"] as const).flatMap((name) => {
      const pointer = bodyPointerAt(document, name);
      return pointer === undefined || "file" in pointer ? [] : [{ index, ...pointer }];
    });
  });
}

function tileOf(file: string): NonNullable<ReturnType<typeof parseTilePath>> {
  const tile = parseTilePath(file.slice(file.indexOf("tile/")));
  if (tile === undefined) throw new Error(`${file} is no tile`);
  return tile;
}

/** Tiles that belong to a tree of which there is a checkpoint. */
function signedTiles(directory: TamperedDirectory, log: string): string[] {
  const sizes = checkpointSizes(directory, log);
  return directory.files(new RegExp(`^tlog/${log}/tile/`)).filter((file) => {
    const { level, index, width } = tileOf(file);
    return sizes.some((size) => {
      const count = Math.floor(size / tileWidth ** (level === "entries" ? 0 : level));
      const there = Math.min(tileWidth, count - index * tileWidth);
      return there === width;
    });
  });
}

/** Sizes of all trees that the log has signed. */
function checkpointSizes(directory: TamperedDirectory, log: string): number[] {
  const history = directory.original(`tlog/${log}/checkpoints`).toString("utf8");
  return [...history.matchAll(/^[^\n]+\n(\d+)\n[^\n]{44}\n\n/gm)].map(([, size]) => Number(size));
}

/** A signature of somebody whose name is unknown is ignored, by the specification. */
function isInCosignerHint(bytes: Buffer, at: number): boolean {
  const start = bytes.lastIndexOf("\n", at - 1) + 1;
  const line = bytes.toString("utf8", start, bytes.indexOf("\n", at));
  if (!line.startsWith("— witness.example")) return false;
  const name = Buffer.byteLength(line.slice(0, line.lastIndexOf(" ")));
  return at < start + name + 1 + 6;
}
