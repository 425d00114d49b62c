/** Refusals of documents on their way through a mapping. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { toTexts } from "../json/coerce.ts";
import { endOf, positionOf } from "../json/json-position.ts";
import { documentParsing, documentParsingOf } from "./document-problem.ts";
import { isKept } from "./document-values.ts";
import { fieldName, type Walk } from "./document-walk.ts";
import type { FieldNode } from "./field-node.ts";

/**
 * The refusal of an object that a boolean field of which nothing is kept has not read: the end of
 * the object ends the one around it, and so on, and the document goes on behind its end.
 */
export function leftUnread(walk: Walk): EsError {
  const { path, text } = walk;
  const [first = ""] = path;
  if (path.some((step) => typeof step === "number") || !/^\s*\{\s*\}/.test(valueAt(walk)))
    throw notSupported(`an object in the field [${fieldName(walk)}], which is not read,`);
  const isLast = /^\s*\}/.test(text.slice(endOf(text, [first]).offset + 1));
  const token = isLast ? "END_OBJECT" : "FIELD_NAME";
  return illegalArgument(`Malformed content, found extra data after parsing: ${token}`);
}

/** The document's text from the present value on. */
function valueAt({ text, path }: Walk): string {
  return text.slice(positionOf(text, path).offset);
}

/** The refusal to copy an object. */
export function notCopied(walk: Walk, node: FieldNode): EsError {
  const isUnread = node.type === "boolean" && !isKept(node);
  const { line, column } = (isUnread ? positionOf : endOf)(walk.text, walk.path);
  const targets = toTexts(node.parameters["copy_to"]).join(", ");
  const reason = `Cannot copy field [${fieldName(walk)}] to fields [${targets}]. Copy-to currently only works for value-type fields, not objects.`;
  return documentParsingOf(line, column, reason);
}

/** The refusal of a plain value in the place of an object. */
export function notAnObject(walk: Walk): EsError {
  const name = fieldName(walk);
  const last = walk.path.at(-1);
  const current = typeof last === "number" ? "null" : name.slice(name.lastIndexOf(".") + 1);
  return documentParsing(
    walk,
    `object mapping for [${name}] tried to parse field [${current}] as object, but found a concrete value`,
  );
}

/** The refusal of a field that the mapping does not have. */
export function strictDynamic(
  walk: Walk,
  name: string,
  { line, column }: { readonly line: number; readonly column: number },
): EsError {
  const parents =
    walk.field === undefined
      ? walk.path.slice(0, -1).filter((step) => typeof step === "string")
      : walk.field.split(".").slice(0, -1);
  return new EsError(
    400,
    "strict_dynamic_mapping_exception",
    `[${line}:${column}] mapping set to strict, dynamic introduction of [${name}] within [${parents.length === 0 ? "_doc" : parents.join(".")}] is not allowed`,
  );
}
