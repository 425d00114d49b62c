import { EsError } from "../es-error.ts";

/** What a request says about the format of its body and of the answer that it wants. */
export interface MediaTypes {
  /** Media type of the body without parameters, lower case; empty when none was sent. */
  readonly contentType: string;
  /** `content-type` of an answer that is no text: JSON, or YAML where its name has it. */
  readonly answerType: string;
  /**
   * True when `Accept` names JSON or YAML first: the cat endpoints then answer so in place of text.
   */
  readonly prefersJson: boolean;
}

interface Parsed {
  readonly type: string;
  readonly version: number | undefined;
}

const bodyTypes: ReadonlySet<string> = new Set([
  "application/json",
  "application/x-ndjson",
  "application/vnd.elasticsearch+json",
  "application/vnd.elasticsearch+x-ndjson",
]);
/** Formats that the real server speaks and the mock does not. */
const otherFormats = /^application\/(vnd\.elasticsearch\+)?(cbor|smile)$/;
const yaml = /^application\/(?:vnd\.elasticsearch\+)?yaml$/;

/**
 * Most clients send the same pair with every request; the bound keeps made-up ones from filling the
 * memory.
 */
const maxCached = 64;

/**
 * Reads the pairs of `Content-Type` and `Accept` that a server of one major version accepts.
 *
 * @param isSecured the server knows its users, and tells a missing type as an empty list
 */
export function createMediaTypeReader(
  major: number,
  isSecured: boolean,
): (contentType: string | undefined, accept: string | undefined, hasBody: boolean) => MediaTypes {
  const cache = new Map<string, MediaTypes>();
  return (contentType, accept, hasBody) => {
    const key = `${hasBody ? 1 : 0}${contentType ?? "-"}\n${accept ?? "-"}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const read = readMediaTypes(contentType, accept, hasBody, major, isSecured);
    if (cache.size < maxCached) cache.set(key, read);
    return read;
  };
}

function readMediaTypes(
  contentType: string | undefined,
  accept: string | undefined,
  hasBody: boolean,
  major: number,
  isSecured: boolean,
): MediaTypes {
  if (contentType === "") {
    const reason = "Header [Content-Type] cannot be empty.";
    throw invalidMediaType("Content-Type", { type: "illegal_argument_exception", reason });
  }
  const body = contentType === undefined ? undefined : parse(contentType, "Content-Type");
  const wanted = accept === undefined ? undefined : parseAccept(accept);
  checkVersions(body, wanted, contentType, accept, hasBody, major);
  if (hasBody) {
    if (contentType === undefined && !isSecured)
      throw new BareRefusal(406, "Content-Type header is missing");
    if (body === undefined || !bodyTypes.has(body.type)) {
      throw new BareRefusal(406, `Content-Type header [${contentType ?? ""}] is not supported`);
    }
  }
  const answer =
    wanted === undefined || wanted.type === "*/*" || wanted.type === "application/*"
      ? body
      : wanted;
  if (wanted !== undefined && otherFormats.test(wanted.type)) {
    throw new EsError(
      406,
      "media_type_header_exception",
      `mock-es answers JSON, YAML and text only, not [${wanted.type}]`,
    );
  }
  return {
    contentType: body?.type ?? "",
    answerType: answerTypeOf(answer),
    prefersJson: wanted !== undefined && (bodyTypes.has(wanted.type) || yaml.test(wanted.type)),
  };
}

function answerTypeOf(answer: Parsed | undefined): string {
  const { type = "", version } = answer ?? {};
  const format = yaml.test(type) ? "yaml" : "json";
  if (!type.startsWith("application/vnd.elasticsearch+")) return `application/${format}`;
  const vendor = `application/vnd.elasticsearch+${format}`;
  if (version !== undefined) return `${vendor};compatible-with=${version}`;
  return type === vendor ? vendor : "application/json";
}

/**
 * A refusal whose `error` is a bare string, as the server words the ones it makes before it knows
 * the request.
 */
export class BareRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The refusal of a field that may stand there once and does so more often. */
export function repeatedField(name: string): EsError {
  const reason = `Incorrect header [${name}]. Only one value should be provided`;
  return invalidMediaType(name, { type: "illegal_argument_exception", reason });
}

function parseAccept(accept: string): Parsed | undefined {
  // Browsers and clients without a body list several types; the first one the server knows decides.
  for (const entry of accept.split(",")) {
    const parsed = parse(entry, "Accept");
    if (
      parsed !== undefined &&
      (bodyTypes.has(parsed.type) ||
        otherFormats.test(parsed.type) ||
        yaml.test(parsed.type) ||
        /^(text\/plain|\*\/\*|application\/\*)$/.test(parsed.type))
    ) {
      return parsed;
    }
  }
  return undefined;
}

function parse(header: string, name: string): Parsed | undefined {
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim());
  if (type === "" && parameters.length === 0) return undefined;
  if (!/^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+$/.test(type)) {
    throw invalidMediaType(name, {
      type: "illegal_argument_exception",
      reason: `invalid media-type [${header}]`,
    });
  }
  const compatible = parameters
    .map((part) => /^compatible-with\s*=\s*"?(\d+)"?$/i.exec(part)?.[1])
    .find((found) => found !== undefined);
  return {
    type: type.toLowerCase(),
    version: compatible === undefined ? undefined : Number(compatible),
  };
}

function invalidMediaType(
  names: string,
  cause: { readonly type: string; readonly reason: string },
): EsError {
  return new EsError(
    400,
    "media_type_header_exception",
    `Invalid media-type value on headers [${names}]`,
    {
      caused_by: cause,
    },
  );
}

function checkVersions(
  body: Parsed | undefined,
  wanted: Parsed | undefined,
  contentType: string | undefined,
  accept: string | undefined,
  hasBody: boolean,
  major: number,
): void {
  const refuse = (reason: string): EsError =>
    invalidMediaType("Accept, Content-Type", { type: "status_exception", reason });
  for (const [name, parsed, header] of [
    ["Accept", wanted, accept],
    ["Content-Type", hasBody ? body : undefined, contentType],
  ] as const) {
    if (parsed?.version === undefined || parsed.version === major || parsed.version === major - 1)
      continue;
    throw refuse(
      `${name} version must be either version ${major} or ${major - 1}, but found ${parsed.version}. ${name}=${header ?? ""}`,
    );
  }
  if (!hasBody || body === undefined) return;
  const differ = (body.version ?? major) !== (wanted?.version ?? major);
  if (accept === undefined && body.version !== undefined) {
    throw refuse(
      `A compatible version is required on both Content-Type and Accept headers if either one has requested a compatible version. Accept=null, Content-Type=${contentType ?? ""}`,
    );
  }
  if (
    wanted !== undefined &&
    body.version !== undefined &&
    wanted.version === undefined &&
    !/^(\*\/\*|text\/plain)$/.test(wanted.type)
  ) {
    throw refuse(
      `A compatible version is required on both Content-Type and Accept headers if either one has requested a compatible version. Accept=${accept ?? ""}, Content-Type=${contentType ?? ""}`,
    );
  }
  if (wanted?.version !== undefined && body.version === undefined && wanted.version !== major) {
    throw refuse(
      `A compatible version is required on both Content-Type and Accept headers if either one has requested a compatible version. Accept=${accept ?? ""}, Content-Type=${contentType ?? ""}`,
    );
  }
  if (differ && body.version !== undefined && wanted?.version !== undefined) {
    throw refuse(
      `A compatible version is required on both Content-Type and Accept headers if either one has requested a compatible version and the compatible versions must match. Accept=${accept ?? ""}, Content-Type=${contentType ?? ""}`,
    );
  }
}
