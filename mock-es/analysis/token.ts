/** What analyzers make of a text. */

/** One term of an analysed text; offsets in UTF-16 units, as Elasticsearch reports them. */
export interface Token {
  readonly term: string;
  readonly start: number;
  readonly end: number;
  /** Place in the text; terms at one place are alternatives of each other. */
  readonly position: number;
  readonly type: string;
  /** Number of places that the term stands for. @default 1 */
  readonly positionLength?: number;
  /** The token is not to be stemmed. */
  readonly isKeyword?: boolean;
}

/** Terms of a text. */
export interface Tokens extends ReadonlyArray<Token> {
  /** Positions behind the last term whose terms were dropped, such as stop words. @default 0 */
  readonly trailing?: number;
}

/** Makes terms of a text. */
export interface Analyzer {
  readonly name: string;
  analyze(text: string): Tokens;
  /** Positions between the values of a field. @default 100 */
  readonly positionGap?: number;
  /** How it joins neighbouring terms. Absent: it does not. */
  readonly shingles?: Shingles | undefined;
}

/** What a filter `shingle` makes. */
export interface Shingles {
  /** Terms of the longest one. */
  readonly max: number;
  /** The terms stand beside the joined ones. */
  readonly hasUnigrams: boolean;
}
