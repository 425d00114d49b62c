/** How a list of index names and patterns is read. */
export interface IndexOptions {
  /** Missing and closed indices that are named are skipped instead of refused. */
  readonly ignoreUnavailable: boolean;
  /** A pattern may match nothing. */
  readonly allowNoIndices: boolean;
  readonly expandOpen: boolean;
  readonly expandClosed: boolean;
  readonly expandHidden: boolean;
  /** Closed indices that are named are refused: the operation needs their documents. */
  readonly forbidClosed: boolean;
  /** Aliases may be named; where not, they are refused (deletion). */
  readonly allowAliases: boolean;
  /** Data streams may be named, as all their indices. @default true */
  readonly includesDataStreams?: boolean;
  /** Names that are not looked at by security, whoever may touch them. @default false */
  readonly ignoresGrants?: boolean;
}
