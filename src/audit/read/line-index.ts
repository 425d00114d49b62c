/** What readers ask of an index of lines, where there is one. */
import type { Filter } from "../../kql/filter.ts";
import type { Segment } from "./segment.ts";

/** A line that an index knows. */
export interface FoundLine {
  /** Where it begins in the segment, before compression. Bytes. */
  readonly at: number;
  /** Without its line feed. Bytes. */
  readonly length: number;
  /** It is the last record of an exchange or a session. */
  readonly isClosing: boolean;
}

/** Finds lines by ids. What it says is compared with the lines themselves. */
export interface LineIndex {
  /**
   * The lines whose id ends so, and perhaps others; `undefined`: nothing is known of this segment.
   *
   * @param idEnd hexadecimal digits and hyphens
   */
  linesOf(segment: Segment, idEnd: string): readonly FoundLine[] | undefined;

  /**
   * The lines of a segment, in their order, that a reader needs who wants what matches a filter;
   * `undefined`: nothing is known of this segment, or reading all of it is quicker.
   *
   * @param filter `undefined`: everything is wanted
   */
  linesFor(segment: Segment, filter: Filter | undefined): readonly FoundLine[] | undefined;
}
