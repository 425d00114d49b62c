/** Every place of an exchange in which a secret has been tried. */
import { Buffer } from "node:buffer";
import { fine, type Placement, type RequestParts } from "./placement.ts";

import { answers, coded, echoes } from "./answer-placements.ts";
import { heads, malformed } from "./head-placements.ts";
import { requests } from "./request-placements.ts";

/** All placements; each has a canary of its own that begins with `C4n4ry`. */
export function placements(): Placement[] {
  const groups = { heads, malformed, requests, answers, echoes: echoes(), coded: coded() };
  const makes = Object.entries(groups).flatMap(([group, list]) =>
    Object.entries(list).map(([name, make]) => ({ name: `${group}: ${name}`, make })),
  );
  return makes.map(({ name, make }, at) => {
    const canary = `C4n4ry${String(at).padStart(3, "0")}S3cr3t`;
    return placement(name, make(canary), `mark-${at}-`);
  });
}

function placement(name: string, parts: Omit<RequestParts, "name">, mark: string): Placement {
  const { method = "GET", target = "/idx/_search", version = "HTTP/1.1", host = "es" } = parts;
  const body = typeof parts.body === "string" ? Buffer.from(parts.body) : parts.body;
  const lines = [`${method} ${target} ${version}`, `Host: ${host}`, `X-Mark: ${mark}`];
  // The first field of a name counts.
  const isMarked = parts.fields?.some((line) => /^user-agent/i.test(line)) !== true;
  if (isMarked) lines.push(`User-Agent: ${mark}`);
  lines.push(...(parts.fields ?? []));
  if (body !== undefined) {
    lines.push(`Content-Type: ${parts.contentType ?? "application/json"}`);
    if (parts.contentEncoding !== undefined)
      lines.push(`Content-Encoding: ${parts.contentEncoding}`);
    lines.push(
      parts.isChunked === true ? "Transfer-Encoding: chunked" : `Content-Length: ${body.length}`,
    );
  }
  lines.push("Connection: close");
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  const content =
    body !== undefined && parts.isChunked === true
      ? chunked(body, parts.trailers ?? [])
      : (body ?? Buffer.alloc(0));
  return {
    name,
    request: Buffer.concat([head, content]),
    answer: parts.answer ?? fine,
    mark,
    ...(parts.cutBytes === undefined ? {} : { cutBytes: parts.cutBytes }),
  };
}

function chunked(body: Buffer, trailers: readonly string[]): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += 999) {
    const piece = body.subarray(at, at + 999);
    chunks.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n"));
  }
  return Buffer.concat([
    ...chunks,
    Buffer.from(`0\r\n${trailers.map((line) => `${line}\r\n`).join("")}\r\n`),
  ]);
}
