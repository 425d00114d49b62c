/** Decides from the head of a request whether it may go on, and who sends it. */
import type { IncomingMessage } from "node:http";
import { EsError } from "../es-error.ts";
import { type createMediaTypeReader, type MediaTypes, repeatedField } from "../rest/media-type.ts";
import { parseQueryString, type QueryParameters } from "../rest/query-parameters.ts";
import type { Caller } from "../security/caller.ts";
import type { Authenticator } from "./authentication.ts";
import { checkSingleFields, singleFields } from "./single-fields.ts";

/** What decides about requests. */
export interface Gate {
  readonly readMediaTypes: ReturnType<typeof createMediaTypeReader>;
  /** `undefined`: everybody is let in. */
  readonly authenticator: Authenticator | undefined;
  /** True for a request that some route takes. */
  readonly hasRoute: (method: string, target: string) => boolean;
}

/** A request that may go on. */
export interface Admitted {
  readonly media: MediaTypes;
  readonly caller: Caller | undefined;
}

/**
 * Looks at fields that may stand there once, then at who sends the request, then at its media
 * types, as the server does.
 *
 * @param isAnswered a fault has an answer to it, whoever asks
 * @param answerIn is told the media type of an answer, before anything is refused
 * @throws {EsError} 400, 401 or 406
 */
export function admit(
  { readMediaTypes, authenticator, hasRoute }: Gate,
  request: IncomingMessage,
  { hasBody, isAnswered }: { readonly hasBody: boolean; readonly isAnswered: boolean },
  answerIn: (type: string) => void,
): Admitted {
  const { headers, method = "GET", url: target = "/" } = request;
  const repeated = checkSingleFields(request, authenticator?.singleFields ?? singleFields);
  let media: MediaTypes | undefined;
  let refusal: unknown;
  try {
    if (repeated !== undefined) throw repeatedField(repeated);
    media = readMediaTypes(headers["content-type"], headers.accept, hasBody);
    answerIn(media.answerType);
  } catch (error) {
    refusal = error;
  }
  const caller = isAnswered ? undefined : callerOf(authenticator, request, hasBody);
  if (media === undefined) throw refusal;
  const secondary = headers["es-secondary-authorization"];
  if (caller !== undefined && isGiven(secondary) && hasRoute(method, target))
    authenticator?.checkSecondary(secondary, target);
  return { media, caller };
}

/** Who sends a request; nobody has to say so who asks for methods, which browsers do. */
function callerOf(
  authenticator: Authenticator | undefined,
  { headers, method, url: target = "/" }: IncomingMessage,
  hasBody: boolean,
): Caller | undefined {
  if (method !== "OPTIONS") return authenticator?.authenticate(headers, target);
  if (hasBody && authenticator !== undefined)
    throw new EsError(
      400,
      "status_exception",
      "OPTIONS requests with a payload body are not supported",
    );
  return undefined;
}

/** The parameters of a request, for an error in front of its route; none where they are broken. */
export function parametersOf(target: string): QueryParameters {
  const mark = target.indexOf("?");
  try {
    const parameters = parseQueryString(mark === -1 ? "" : target.slice(mark + 1));
    // What cannot be read is not followed.
    parameters.flag("pretty", false);
    parameters.flag("human", false);
    return parameters;
  } catch {
    return parseQueryString("");
  }
}

function isGiven(field: string | string[] | undefined): field is string {
  return typeof field === "string" && field !== "";
}
