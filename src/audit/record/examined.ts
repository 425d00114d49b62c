/** How much of a recorded body its facts rest on. */
import type { Examination, ExaminationReason } from "../../elasticsearch/body/examination.ts";

/**
 * Beside the reasons of the scanners: `hidden` and `not_stored` as the record says, `unknown`: what
 * came of it is in no record; `unreadable`: it is not where the record says, or another one;
 * `no_record`: this half was not recorded.
 */
export interface Examined {
  readonly state: Examination["state"];
  readonly reason?:
    | ExaminationReason
    | "hidden"
    | "not_stored"
    | "unknown"
    | "unreadable"
    | "no_record";
  /** Offset in the decoded body from which on nothing was read. Bytes. */
  readonly at?: number;
  /** Bytes of the decoded body that were seen, or of the received one where none was. */
  readonly bytes: number;
}
