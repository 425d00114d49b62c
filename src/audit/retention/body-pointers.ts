/** Where the bodies of a record lie outside of it. */
import type { AuditDocument } from "../format/audit-document.ts";
import { bodyPointerAt } from "../format/ecs/ecs-body-fields.ts";
import type { BodyFilePointer, BodyPointer } from "../record/body-pointer.ts";

/** Of bodies that stand in the record itself there are none. */
export function pointersOf(document: AuditDocument): (BodyPointer | BodyFilePointer)[] {
  return [bodyPointerAt(document, "request_body"), bodyPointerAt(document, "response_body")].filter(
    (pointer) => pointer !== undefined,
  );
}

/** Name of the file in the directory that holds the body. */
export function fileOf(pointer: BodyPointer | BodyFilePointer): string {
  return "file" in pointer ? pointer.file : pointer.pack;
}
