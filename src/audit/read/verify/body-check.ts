/** Compares the bodies that a record points to with the hashes in it. */
import { errorCode, errorMessage } from "../../../core/system-error.ts";
import type { AuditDocument } from "../../format/audit-document.ts";
import { bodyPointerAt } from "../../format/ecs/ecs-body-fields.ts";
import type { BodyFilePointer, BodyPointer } from "../../record/body-pointer.ts";
import { BodyError, packedBodyPieces } from "../../store/pack-reader.ts";
import { openBody } from "../../store/stored-body.ts";

/** What is wrong with a body. */
export interface BodyProblem {
  readonly what: "body_changed" | "body_missing" | "pack_missing";
  /** Name of the pack, or of the file that it should lie in. */
  readonly file: string;
  readonly message: string;
}

/** Bodies that were fine are remembered up to this number: many records may point to the same. */
const maxRemembered = 16_384;

/** Checks bodies of one directory and counts them. */
export class BodyCheck {
  readonly #directory: string;
  readonly #fine = new Set<string>();
  bodies = 0;
  bytes = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The first problem of the bodies of a record; `undefined`: they are what it says. */
  async problemOf(document: AuditDocument): Promise<BodyProblem | undefined> {
    for (const name of ["request_body", "response_body"] as const) {
      const pointer = bodyPointerAt(document, name);
      const problem = pointer && (await this.#problemAt(pointer));
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  async #problemAt(pointer: BodyPointer | BodyFilePointer): Promise<BodyProblem | undefined> {
    const key = "file" in pointer ? pointer.file : keyOf(pointer);
    if (this.#fine.has(key)) return undefined;
    const problem =
      "file" in pointer ? await this.#problemOfFile(pointer) : this.#problemInPack(pointer);
    if (problem !== undefined) return problem;
    this.bodies += 1;
    if (this.#fine.size >= maxRemembered) this.#fine.clear();
    this.#fine.add(key);
    return undefined;
  }

  #problemInPack(pointer: BodyPointer): BodyProblem | undefined {
    try {
      for (const piece of packedBodyPieces(this.#directory, pointer)) this.bytes += piece.length;
      return undefined;
    } catch (error) {
      const isMissing = error instanceof BodyError && error.isPackMissing;
      const what = isMissing ? "pack_missing" : "body_changed";
      return { what, file: pointer.pack, message: errorMessage(error) };
    }
  }

  /** A file of its own, as earlier versions stored them. */
  async #problemOfFile(pointer: BodyFilePointer): Promise<BodyProblem | undefined> {
    try {
      for await (const piece of openBody(this.#directory, pointer))
        if (Buffer.isBuffer(piece)) this.bytes += piece.length;
      return undefined;
    } catch (error) {
      const what = errorCode(error, "") === "ENOENT" ? "body_missing" : "body_changed";
      return { what, file: pointer.file, message: errorMessage(error) };
    }
  }
}

function keyOf({ pack, offset, sha256 }: BodyPointer): string {
  return `${pack} ${offset} ${sha256}`;
}
