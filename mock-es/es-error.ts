/**
 * The part of an Elasticsearch error that names what went wrong; it appears as an error itself, as
 * a root cause and as `caused_by`.
 */
export interface EsErrorCause {
  readonly type: string;
  readonly reason: string;
  readonly [field: string]: unknown;
}

/** The part of a request body that an error is about. */
export interface ErrorPlace {
  /** The object in which it stands, as parsed. */
  readonly container: object;
  /** Name of the member; absent for the object itself. */
  readonly key: string | undefined;
  /** The member's name, its value, or the end of the object. */
  readonly point: "key" | "value" | "end";
}

/** Stands in a reason for the line and column at which its error stands. */
export const ownPlace = "<line:column>";

/** An error answer in the shape that Elasticsearch gives to every failure it knows. */
export interface EsErrorBody {
  readonly error: EsErrorCause & { readonly root_cause: readonly EsErrorCause[] };
  readonly status: number;
}

/**
 * A failure that is answered with Elasticsearch's own error object.
 *
 * `extra` fields stand beside `type` and `reason`. Those of them that describe the failing thing
 * (`index`, `index_uuid`, `resource.id`, `line`, `col`, …) are repeated in the root cause as the
 * real server does; `caused_by`, `root_cause`, `phase`, `grouped` and `failed_shards` are not. A
 * `root_cause` given in `extra` replaces the derived one.
 */
export class EsError extends Error {
  /** HTTP status, or the status of one item of a bulk request. */
  readonly status: number;
  /** Snake-case name of the exception, for example `index_not_found_exception`. */
  readonly type: string;
  /** Text for people, in Elasticsearch's own words. */
  readonly reason: string;
  readonly extra: Readonly<Record<string, unknown>>;
  /** Set by {@link EsError.at}. */
  place: ErrorPlace | undefined;
  /** Set by {@link EsError.standingAt}. */
  stand: ErrorPlace | undefined;
  /** Set by {@link EsError.around}. */
  inner: EsError | undefined;

  constructor(status: number, type: string, reason: string, extra: Record<string, unknown> = {}) {
    super(`${type}: ${reason}`);
    this.name = "EsError";
    this.status = status;
    this.type = type;
    this.reason = reason;
    this.extra = extra;
    this.place = undefined;
    this.stand = undefined;
    this.inner = undefined;
  }

  /**
   * Says which part of the body the error is about; line and column are added when the request is
   * answered.
   */
  at(container: object, key?: string, point: ErrorPlace["point"] = "value"): this {
    this.place = { container, key, point };
    return this;
  }

  /**
   * Says where the server's parser stood, for an error that does not show it; errors around it do.
   */
  standingAt(container: object, key?: string, point: ErrorPlace["point"] = "value"): this {
    this.stand = { container, key, point };
    return this;
  }

  /** Puts an error into this one as its cause; it shows the place where that one stands. */
  around(inner: EsError): this {
    this.inner = inner;
    const { place, stand } = inner;
    // At the value of a name that is refused, unless the parser is said to stand elsewhere.
    this.place ??= stand ?? (place?.point === "key" ? { ...place, point: "value" } : place);
    return this;
  }

  /**
   * The error as it stands inside a bulk item, a failed shard or a `caused_by`: without
   * `root_cause`.
   */
  toCause(): EsErrorCause {
    const { root_cause: _rootCause, ...rest } = this.extra;
    return { type: this.type, reason: this.reason, ...rest };
  }

  /** The complete answer body. */
  toBody(): EsErrorBody {
    const rootCause = this.extra["root_cause"];
    return {
      error: {
        root_cause: isCauseList(rootCause) ? rootCause : [this.#rootCause()],
        ...this.toCause(),
      },
      status: this.status,
    };
  }

  #rootCause(): EsErrorCause {
    const fields = Object.entries(this.extra).filter(([name]) => !onlyAtTheTop.has(name));
    return { type: this.type, reason: this.reason, ...Object.fromEntries(fields) };
  }
}

const onlyAtTheTop: ReadonlySet<string> = new Set([
  "caused_by",
  "root_cause",
  "phase",
  "grouped",
  "failed_shards",
]);

function isCauseList(value: unknown): value is EsErrorCause[] {
  return Array.isArray(value);
}

/** `illegal_argument_exception`, status 400: the most common refusal. */
export function illegalArgument(reason: string, extra: Record<string, unknown> = {}): EsError {
  return new EsError(400, "illegal_argument_exception", reason, extra);
}

/** 400 `parsing_exception`: a query, sort or aggregation that is not well-formed. */
export function parsingException(reason: string, extra: Record<string, unknown> = {}): EsError {
  return new EsError(400, "parsing_exception", reason, extra);
}

/**
 * 400 `x_content_parse_exception`: a member that an object parser of Elasticsearch does not know.
 */
export function xContentParseException(
  reason: string,
  extra: Record<string, unknown> = {},
): EsError {
  return new EsError(400, "x_content_parse_exception", reason, extra);
}

/**
 * 400 for a part of Elasticsearch that exists there but is not imitated here: never answered with a
 * guess.
 */
export function notSupported(what: string): EsError {
  return new EsError(400, "illegal_argument_exception", `${what} is not supported by mock-es`);
}

/** True for an error that {@link notSupported} made. */
export function isRefusal({ reason }: EsError): boolean {
  return reason.endsWith(" is not supported by mock-es");
}

/** `index_not_found_exception`, status 404, for a name that is no index, alias or data stream. */
export function indexNotFound(name: string): EsError {
  return new EsError(404, "index_not_found_exception", `no such index [${name}]`, {
    "resource.type": "index_or_alias",
    "resource.id": name,
    index_uuid: "_na_",
    index: name,
  });
}

/** The refusal of a name without a character. */
export function emptyIndexName(): EsError {
  return new EsError(
    400,
    "invalid_index_name_exception",
    "Invalid index name [], expression cannot be empty",
    { index_uuid: "_na_", index: "" },
  );
}

/**
 * `action_request_validation_exception`, status 400; problems are numbered as in `Validation
 * Failed: 1: index is missing;`.
 */
export function validationFailed(...problems: readonly string[]): EsError {
  const numbered = problems.map((problem, at) => `${at + 1}: ${problem};`).join("");
  return new EsError(400, "action_request_validation_exception", `Validation Failed: ${numbered}`);
}
