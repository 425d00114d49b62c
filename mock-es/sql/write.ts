/** What functions of SQL are written with. */

/** An expression of ES|QL with its type in SQL. */
export interface Written {
  readonly text: string;
  readonly type: string;
  /** The text of a literal. */
  readonly literal?: string | undefined;
}

/** Writes a call; `undefined` for arguments that it does not take. */
export type Write = (...from: readonly Written[]) => Written | undefined;

/** A text of the query as ES|QL writes it. */
export function literalOf(value: string): Written {
  return { text: quotedText(value), type: "keyword", literal: value };
}

/** A text between quotes. */
export function quotedText(value: string): string {
  return JSON.stringify(value).replaceAll(/\\([bfu/])/g, String.raw`\\$1`);
}

/** A name as ES|QL writes it. */
export function quotedName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}
