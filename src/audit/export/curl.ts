/** Requests as commands for curl that a shell runs as they are. */
import { shellWord } from "../../core/shell-word.ts";
import { Buffer, isUtf8 } from "node:buffer";

import { openRecordedBody } from "../read/recorded-body.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import { commentLine, entryTitle, safeId } from "./comment-line.ts";
import { recordedRequest, requestUrl, type RecordedRequest } from "./recorded-request.ts";

/** Longer bodies stand in files: Linux takes 128 KiB for one argument. Bytes. */
const mostInlineBytes = 65_536;
/** Fields that curl makes itself, or that would announce another body. */
const ownFields = new Set(["user-agent", "content-length"]);

/**
 * The command for a request, with its answer in a comment; `undefined` when the entry is no
 * exchange. Secrets are not in the trail: passwords are asked for, keys come from `ES_API_KEY` and
 * `ES_TOKEN`.
 *
 * @param base scheme and host in place of the recorded ones
 */
export async function curlCommand(
  directory: string,
  entry: TrailEntry,
  base?: string,
): Promise<string | undefined> {
  const request = recordedRequest(entry);
  if (request === undefined) return undefined;
  const { before, args, notes } = await bodyPart(directory, request, safeId(entry));
  const lines = [entryTitle(entry), ...notes].map(commentLine);
  const parts = [
    `${before}curl --globoff --path-as-is${methodPart(request, args.length > 0)}`,
    ...credentialPart(request),
    ...request.headers
      .filter(([name]) => !ownFields.has(name))
      .map(([name, value]) => `-H ${shellWord(value === "" ? `${name};` : `${name}: ${value}`)}`),
    // Without a type of its own, curl would call the body a form.
    ...(args.length > 0 && request.body.mediaType === undefined ? ["-H content-type:"] : []),
    ...args,
    shellWord(Buffer.from(requestUrl(request, base), "latin1").toString("utf8")),
  ];
  return `${lines.join("\n")}\n${parts.join(" \\\n  ")}\n`;
}

function methodPart({ method }: RecordedRequest, hasBody: boolean): string {
  if (method === "HEAD" && !hasBody) return " --head";
  return method === "GET" && !hasBody ? "" : ` -X ${shellWord(method)}`;
}

function credentialPart({ credential }: RecordedRequest): string[] {
  switch (credential?.scheme) {
    case undefined:
      return [];
    case "basic":
      return [`--user ${shellWord(credential.name ?? "")}`];
    case "apikey":
      return ['-H "Authorization: ApiKey $ES_API_KEY"'];
    default:
      return ['-H "Authorization: Bearer $ES_TOKEN"'];
  }
}

interface BodyPart {
  /** Stands before the command. */
  readonly before: string;
  readonly args: readonly string[];
  readonly notes: readonly string[];
}

async function bodyPart(
  directory: string,
  request: RecordedRequest,
  id: string,
): Promise<BodyPart> {
  const { body } = request;
  if (body.state === "none") return { before: "", args: [], notes: [] };
  if (body.state !== "inline" && body.state !== "stored") {
    const notes = [`the content of its body was not recorded (${body.state})`];
    return { before: "", args: ["--data-binary ''"], notes };
  }
  const notes = body.redaction === undefined ? [] : [`redaction of its body: ${body.redaction}`];
  const bytes = await beginning(directory, request);
  if (bytes.length > mostInlineBytes) {
    const file = `${id}.body`;
    const note = `es-proxy audit show ${id} --body request > ${file}`;
    return { before: "", args: [`--data-binary @${file}`], notes: [...notes, note] };
  }
  // No shell has a NUL in an argument. `--data-raw`: a body may begin with "@", which would name a
  // file whose content is sent.
  if (isUtf8(bytes) && !bytes.includes(0))
    return { before: "", args: [`--data-raw ${shellWord(bytes.toString("utf8"))}`], notes };
  const before = `printf %s ${bytes.toString("base64")} | base64 -d | `;
  return { before, args: ["--data-binary @-"], notes };
}

/** A little more than what is written at most. */
async function beginning(directory: string, { body }: RecordedRequest): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of openRecordedBody(directory, body)) {
    if (!Buffer.isBuffer(piece)) continue;
    pieces.push(piece);
    length += piece.length;
    if (length > mostInlineBytes) break;
  }
  return Buffer.concat(pieces);
}
