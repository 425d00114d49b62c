/** Numbers that are copied to another field: the server's parser has read them once already. */
import { notSupported } from "../es-error.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { valueRefused } from "./document-problem.ts";
import { fieldName, type Walk } from "./document-walk.ts";
import type { FieldNode } from "./field-node.ts";

const whole = /^(?:long|integer|short|byte)$/;
const single = /^(?:float|half_float)$/;

/**
 * Refuses fractions that the server cannot read again as a number of the other kind.
 *
 * @param from type of the field that is copied
 * @throws {EsError} 400 `document_parsing_exception`; by name where the server would cut the
 *   fraction off
 */
export function checkCopiedNumber(walk: Walk, from: string, to: FieldNode, value: unknown): void {
  if (!isFraction(value)) return;
  if (whole.test(from) && /^(?:double|float|half_float)$/.test(to.type))
    throw notSupported(`a fraction that [copy_to] takes from [${from}] to [${to.type}]`);
  if (!single.test(from) || !whole.test(to.type)) return;
  throw valueRefused(walk, fieldName(walk), to.type, value, {
    type: "runtime_exception",
    reason: "Internal error: this code path should never get executed",
  });
}

function isFraction(value: unknown): boolean {
  if (isRawNumber(value)) return /[.eE]/.test(value.rawJSON);
  return typeof value === "number" && !Number.isInteger(value);
}
