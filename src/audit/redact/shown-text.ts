/** Texts of others on their way to logs, command lines and pages, without secrets. */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { Redactor } from "./redactor.ts";

/** Its tokens are those of one process: they cannot be compared with those of a trail. */
let redactor: Redactor | undefined = undefined;

/** A short text without the secrets that stand in it, as in header fields of records. */
export function shownText(text: string): string {
  redactor ??= new Redactor(randomBytes(32));
  // The redactor works on bytes, one char each.
  const bytes = Buffer.from(text).toString("latin1");
  const shown = redactor.text(bytes);
  return shown === bytes ? text : Buffer.from(shown, "latin1").toString("utf8");
}
