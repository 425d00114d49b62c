/**
 * What the bytes of a body are: `json` (also newline-delimited, which API endpoints decide), text
 * formats of rows, or something that is not read.
 */
export type BodyFormat = "json" | "csv" | "tsv" | "opaque";

/**
 * The format of a media type, as Elasticsearch names them (`XContentType`, `TextFormat`):
 * parameters and the vendor prefix do not matter. Without a media type a body is taken for JSON.
 */
export function bodyFormatOf(contentType: string | undefined): BodyFormat {
  if (contentType === undefined) return "json";
  if (contentType !== lastType) {
    lastFormat = readFormat(contentType);
    lastType = contentType;
  }
  return lastFormat;
}

/** The next body is mostly of the same type. */
let lastType = "";
let lastFormat: BodyFormat = "json";

function readFormat(contentType: string): BodyFormat {
  const [type = ""] = contentType.split(";", 1);
  switch (type.trim().toLowerCase().replace("vnd.elasticsearch+", "")) {
    case "":
    case "application/json":
    case "application/x-ndjson":
    case "application/*":
    case "text/json":
      return "json";
    case "text/csv":
      return "csv";
    case "text/tab-separated-values":
      return "tsv";
    default:
      return "opaque";
  }
}
