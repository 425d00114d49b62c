/** Decides what of an exchange may be recorded. */
import type { ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import { bodyPolicies } from "./body-policies.ts";
import type { BodyRedactor } from "./body-redactor.ts";
import { HiddenBody } from "./hidden-body.ts";

interface Policy {
  readonly request: string;
  readonly response: string;
}

const policies = new Map<string, Policy>(
  bodyPolicies.flatMap(({ request, answer, endpoints }) =>
    endpoints.split(/\s+/).map((name): [string, Policy] => [name, { request, response: answer }]),
  ),
);

/** The rules of one trail. */
export class Redactor {
  readonly #key: Uint8Array;

  /** @param key of the tokens that stand for secrets, at least 16 bytes */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /**
   * The redaction of one body; `undefined`: it may be stored as received. Costs one look-up for the
   * APIs of documents.
   *
   * @param _contentType `Content-Type` as received.
   * @param _contentEncoding `Content-Encoding` as received.
   * @param status of the response; 0 for a request.
   */
  body(
    match: ApiMatch,
    direction: "request" | "response",
    _contentType: string | undefined,
    _contentEncoding: string | undefined,
    status: number,
  ): BodyRedactor | undefined {
    const policy = policies.get(match.endpoint.name)?.[direction] ?? "names";
    if (policy === "-" && status < 400) return undefined;
    return new HiddenBody(this.#key);
  }
}
