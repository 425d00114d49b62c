/** One body of an exchange on a page: what it is, and its content as text. */
import { isUtf8 } from "node:buffer";

import { layOutJson } from "../../audit/export/json-layout.ts";
import {
  readRecordedBody,
  recordedBody,
  type BodySide,
  type RecordedBody,
} from "../../audit/read/recorded-body.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import { errorMessage } from "../../core/system-error.ts";
import { sizeText } from "./cell.ts";
import type { PageText } from "./page-text.ts";

/** Bytes of a body that are shown unless all of it is asked for. */
const shownBodyBytes = 16_384;
/** Bytes of a body that are laid out at all; `--body` writes longer ones. */
const mostBodyBytes = 67_108_864;
/** Longer lines are cut unless all is asked for. UTF-16 code units. */
const longestRow = 500;
/** Of what is no text, so much is shown. Bytes. */
const shownBinaryBytes = 24;

/** Puts a body on the page; nothing when there was none. */
export async function putBody(
  page: PageText,
  directory: string,
  entry: TrailEntry,
  side: BodySide,
  isFull: boolean,
): Promise<void> {
  const body = recordedBody(entry, side);
  if (body.state === "none") return;
  page.line("");
  page.line(`${page.style("bold", side)}  ${page.style("dim", titleOf(body))}`);
  if (body.state !== "inline" && body.state !== "stored") return;
  try {
    const maxBytes = isFull ? mostBodyBytes : shownBodyBytes;
    const { bytes, isCut, isDecoded } = await readRecordedBody(directory, body, maxBytes);
    putContent(page, bytes, { isText: isDecoded && isText(bytes, isCut), isCut, isFull });
    if (isCut) page.line(page.style("dim", "  … more with --full"));
  } catch (error) {
    page.line(page.style("red", `  ${toOneLine(errorMessage(error))}`));
  }
}

interface ContentTraits {
  readonly isText: boolean;
  readonly isCut: boolean;
  readonly isFull: boolean;
}

function putContent(page: PageText, bytes: Buffer, traits: ContentTraits): void {
  const { isCut, isFull } = traits;
  if (!traits.isText) {
    const more = bytes.length > shownBinaryBytes ? "…" : "";
    page.line(`  ${bytes.subarray(0, shownBinaryBytes).toString("hex")}${more}`);
    page.line(page.style("dim", "  binary; --body writes it to a file"));
    return;
  }
  const text = bytes.toString("utf8");
  const mark = (token: string, kind: "name" | "string" | "other"): string => {
    const safe = row(token, isFull);
    if (kind === "name") return page.style("blue", safe);
    return kind === "string" ? page.style("green", safe) : safe;
  };
  const laidOut = layOutJson(text, mark, isCut);
  const lines = (laidOut ?? text.trimEnd()).split(/\r?\n/);
  for (const line of lines) page.line(`  ${laidOut === undefined ? row(line, isFull) : line}`);
}

/** A line of a text, cut where it is very long. */
function row(line: string, isFull: boolean): string {
  const safe = toOneLine(line);
  return isFull || safe.length <= longestRow ? safe : `${safe.slice(0, longestRow)}…`;
}

/** The end of a text that is cut may lie within a character. */
function isText(bytes: Buffer, isCut: boolean): boolean {
  if (!isCut) return isUtf8(bytes);
  return [0, 1, 2, 3].some((missing) => isUtf8(bytes.subarray(0, bytes.length - missing)));
}

function titleOf(body: RecordedBody): string {
  const parts = [
    body.mediaType,
    body.coding,
    body.bytes === undefined ? undefined : sizeText(body.bytes),
    body.isComplete ? undefined : "cut off",
    body.redaction === undefined ? undefined : `redaction: ${body.redaction}`,
    placeText(body.state),
  ];
  return toOneLine(parts.filter((part) => part !== undefined).join(", "));
}

function placeText(state: RecordedBody["state"]): string | undefined {
  switch (state) {
    case "hidden":
      return "not recorded, because it may hold secrets";
    case "not_stored":
      return "content not recorded";
    case "unknown":
      return "was under way; nothing more is known";
    case "none":
    case "inline":
    case "stored":
      return undefined;
  }
}
