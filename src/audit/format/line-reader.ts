/** Reads lines of either format; the first byte tells which one it is. */
import type { AuditDocument } from "./audit-document.ts";
import { ecsLineFacts, readEcsLine } from "./ecs/ecs-reader.ts";
import type { LineFacts } from "./line-facts.ts";
import { readTextLine, textLineFacts } from "./text/text-reader.ts";

/** Only lines of `ecs` begin so: those of `text` begin with a year. */
const ecsStart = "{";

/**
 * Kind, id and sequence number of a line.
 *
 * @param line without its line feed, one char per byte
 */
export function lineFacts(line: string): LineFacts {
  return line.startsWith(ecsStart) ? ecsLineFacts(line) : textLineFacts(line);
}

/**
 * The record of a line as a document in ECS form; undefined when the line is no record.
 *
 * @param line without its line feed, one char per byte
 */
export function readLine(line: string): AuditDocument | undefined {
  return line.startsWith(ecsStart) ? readEcsLine(line) : readTextLine(line);
}
