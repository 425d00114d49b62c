/**
 * Requests and answers of ferrum-proxy's own benchmark, byte for byte but for a serial number in
 * each body: wrk's heads, and the answers of its backend (`src/bin/benchmark_backend.rs`).
 */
import { stampLength } from "./stamp.ts";

const stamp = "x".repeat(stampLength);

/** What `wrk http://127.0.0.1:PORT/path` sends. */
export function wrkGet(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n`;
}

/** What wrk sends with ferrum's script for `upload_post`. */
export function wrkPost(path: string, body: string): string {
  const fields = [
    "Content-Type: application/octet-stream",
    "Host: 127.0.0.1:8080",
    "X-Benchmark-Scenario: upload_post",
    `Content-Length: ${body.length}`,
  ];
  return `POST ${path} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n${body}`;
}

/** The body that ferrum's script uploads. */
export function wrkBody(bytes: number): string {
  return filled(`request=${stamp}`, bytes);
}

/** Fields of an answer beside its length. */
export function backendFields(backend: string): readonly string[] {
  return [
    "content-type: text/plain; charset=utf-8",
    `x-benchmark-backend: ${backend}`,
    "date: Sun, 24 May 2026 19:44:45 GMT",
  ];
}

/** The body of an answer. */
export function backendAnswer(backend: string, path: string, bytes: number): string {
  return filled(
    `name=${backend} method=GET path=${path} request=${stamp} received_bytes=0\n`,
    bytes,
  );
}

function filled(start: string, bytes: number): string {
  return start.padEnd(bytes, "x").slice(0, bytes);
}
