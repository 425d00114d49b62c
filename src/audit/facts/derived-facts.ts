/** What is derived of an exchange. */
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";

/** Written into the files beside the segment. */
export interface DerivedFacts {
  /** Members of `es_proxy.facts`. */
  readonly text: string;
  /** Its part in a read of several calls; `undefined`: it is no read. */
  readonly page: ReadPage | undefined;
  /** Members of that part which follow from the bodies, see `readText`; "" without a page. */
  readonly read: string;
}
