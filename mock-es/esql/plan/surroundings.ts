/** What expressions may name and call. */
import type { Call } from "../functions/definition.ts";
import type { Expression } from "../syntax/syntax.ts";
import type { Attribute, Typed } from "./analysis.ts";

/** Tells by a query which documents of the source fit it. */
export type DocumentSearch = (query: Record<string, unknown>) => (document: number) => boolean;

/** What stands around an expression. */
export interface Surroundings {
  readonly columns: readonly Attribute[];
  /** Types a call of an aggregate function; absent where there are none. */
  readonly aggregate?: (call: Extract<Expression, { kind: "call" }>) => Typed | undefined;
  /** Types a call of BUCKET; absent where it may not stand. */
  readonly bucket?: (call: Call) => Typed | undefined;
  /** True in WHERE and in filters of aggregates, where texts may be searched. @default false */
  readonly isCondition?: boolean;
  /** Finds documents by a query; absent where there are none. */
  readonly search?: DocumentSearch;
  /** The same, where the server asks the index itself for what a condition says. */
  readonly push?: DocumentSearch;
}
