/** Requests in the form of Kibana's Console. */
import { isUtf8 } from "node:buffer";

import { readRecordedBody } from "../read/recorded-body.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import { commentLine, entryTitle } from "./comment-line.ts";
import { layOutJson } from "./json-layout.ts";
import { recordedRequest, type RecordedRequest } from "./recorded-request.ts";

/** Console is an editor. Bytes. */
const mostBodyBytes = 4_194_304;

/** The request, with its answer in a comment; `undefined` when the entry is no exchange. */
export async function consoleText(
  directory: string,
  entry: TrailEntry,
): Promise<string | undefined> {
  const request = recordedRequest(entry);
  if (request === undefined) return undefined;
  const user = entry.text("user.name") ?? entry.text("user.id") ?? "anonymous";
  const { text, notes } = await bodyText(directory, request);
  const line = `${printable(request.method)} ${printable(request.target)}`;
  const variable = /\$\{\w+\}/.test(line + text)
    ? ["holds ${…}, which Console takes for a variable"]
    : [];
  const comments = [`${entryTitle(entry)} ${user}`, ...notes, ...variable].map(commentLine);
  const lines = [...comments, line];
  return `${lines.join("\n")}\n${text === "" ? "" : `${text}\n`}`;
}

async function bodyText(
  directory: string,
  { body }: RecordedRequest,
): Promise<{ readonly text: string; readonly notes: readonly string[] }> {
  if (body.state === "none") return { text: "", notes: [] };
  if (body.state !== "inline" && body.state !== "stored")
    return { text: "", notes: [`the content of its body was not recorded (${body.state})`] };
  const { bytes, isCut } = await readRecordedBody(directory, body, mostBodyBytes);
  if (isCut) return { text: "", notes: ["its body is too large for Console"] };
  if (!isUtf8(bytes)) return { text: "", notes: ["its body is binary"] };
  const notes = body.redaction === undefined ? [] : [`redaction of its body: ${body.redaction}`];
  const text = bytes.toString("utf8");
  const laidOut = layOutJson(text);
  if (laidOut !== undefined) return { text: laidOut, notes };
  // Lines of NDJSON stay as they are; an empty line would end the request.
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return { text: lines.join("\n"), notes };
}

/** One line of printable text: Console ends a request at a line break. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\uffff ]/g, (character) =>
    encodeURIComponent(character),
  );
}
