/** Decides what of an exchange may be recorded. The only place that knows what a secret is. */
import { Buffer } from "node:buffer";
import type { ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import { queryParameter } from "../../elasticsearch/api/query-parameter.ts";
import type { Identity } from "../../elasticsearch/identity/identity.ts";
import { splitIndexList } from "../../elasticsearch/names/index-list.ts";
import { bodyPolicies } from "./body-policies.ts";
import type { BodyRedactor, RedactedSink } from "./body-redactor.ts";
import { builtInNames, rulesOf, type BodyRules } from "./body-rules.ts";
import { CodedRedactor, codingOf } from "./coded-redactor.ts";
import { ConfiguredRule, type RedactionRule } from "./configured-rules.ts";
import { HiddenBody } from "./hidden-body.ts";
import { HiddenText } from "./hidden-text.ts";
import { mediaRedactor } from "./media-redactor.ts";
import { NameMatcher } from "./name-matcher.ts";
import { redactQuery } from "./query-redaction.ts";
import { mayNameSecretIndex, secretIndexPolicy } from "./secret-indices.ts";
import { SecretMarkers } from "./secret-markers.ts";
import { SecretSpans } from "./secret-spans.ts";
import { marked, redactHost, redactPath } from "./target-redaction.ts";
import { TextRedactor } from "./text-redactor.ts";
import { TextScanner } from "./text-scanner.ts";
import { WatchedBody, type WatchedNames } from "./watched-body.ts";

/** The direction of a body. */
export type BodyDirection = "request" | "response";

/** A path and a query as they may be recorded. */
export interface RedactedTarget {
  readonly path: string;
  readonly query: string | undefined;
  /** Index expressions of the path, decoded; empty where `longList` has them. */
  readonly indices: readonly string[];
  /** The same as one text with commas between; empty: see `indices`. */
  readonly longList: string;
}

/** Tokens of a short target, which is read for every exchange; usual ones hold one secret. */
const targetTokens = 4;

const documents = "-";
const hidden = "hide";
/** Answers that report an error repeat parts of the request, whatever was asked. */
const errorPolicy = "names pairs";
/** A call that the endpoint table does not know. */
const unknownPolicy = "names pairs";
/** What a text must hold to hold a secret: a pair, a URL, a scheme. */
const suspicious = /[=:%\\]|basic |bearer |apikey |negotiate |ntlm /i;
/** The same for a query string. */
const mayHoldSecret = /[=@:%]/;
/** The name of a host with its port, and nothing else. */
const plainHost = /^[\w.:[\]-]*$/;
/** Userinfo of a host in a field `Forwarded` (RFC 7239 §5.3). */
const forwardedUserinfo = /(?<=host\s*=\s*"?)[^";,\s]*(?=@)/gi;

/** Calls whose request names indices in its body. */
const namingBodies: ReadonlySet<string> = new Set(
  `bulk mget msearch msearch_template mtermvectors fleet.msearch esql.query esql.async_query
  sql.query`.split(/\s+/),
);
/** Those among them that read, and understand wildcards there. */
const wildcardBodies: ReadonlySet<string> = new Set(
  `msearch msearch_template fleet.msearch esql.query esql.async_query sql.query`.split(" "),
);
/** Calls whose answer holds values without the names of their fields. */
const namelessValues: ReadonlySet<string> = new Set(
  `terms_enum termvectors mtermvectors esql.query esql.async_query esql.async_query_get
  esql.async_query_stop sql.query sql.get_async search_mvt`.split(/\s+/),
);

const binaryTypes = /cbor|smile/i;
const isIdentity = /^\s*(?:identity\s*)?$/i;

interface Policy {
  readonly request: string;
  readonly response: string;
}

interface ConfiguredScope {
  readonly name: string;
  readonly rules: readonly ConfiguredRule[];
}

const policies = new Map<string, Policy>(
  bodyPolicies.flatMap(({ request, answer, endpoints }) =>
    endpoints.split(/\s+/).map((name): [string, Policy] => [name, { request, response: answer }]),
  ),
);

/** The rules of one trail: the built-in ones and those of its configuration. */
export class Redactor {
  /** Key of the tokens that stand for secrets. */
  readonly key: Uint8Array;
  readonly #configured: readonly ConfiguredRule[];
  readonly #rules = new Map<string, BodyRules>();
  /**
   * Which of the configured rules apply to a call; its match lives as long as its target is usual.
   */
  readonly #scopes = new WeakMap<ApiMatch, ConfiguredScope>();
  readonly #parameters: NameMatcher | undefined;
  readonly #spans = new SecretSpans();
  readonly #text = new TextScanner(builtInNames, undefined, this.#spans);
  readonly #hidden = new HiddenText({ names: builtInNames, extra: undefined, patterns: [] });

  /** @param key at least 16 bytes */
  constructor(key: Uint8Array, configured: readonly RedactionRule[] = []) {
    this.key = key;
    this.#configured = configured.map((rule) => new ConfiguredRule(rule));
    const entries = this.#configured.flatMap(({ nameEntries }) => nameEntries);
    this.#parameters = entries.length === 0 ? undefined : new NameMatcher(entries);
  }

  /**
   * The redaction of one body; `undefined`: it may be stored as received. Costs one look-up for the
   * APIs of documents, as long as nothing is configured for them.
   *
   * @param contentType as received
   * @param contentEncoding as received
   * @param status of the response; 0 for a request
   * @param asksForCredentials the body of the request names an index of credentials
   */
  body(
    match: ApiMatch,
    direction: BodyDirection,
    contentType: string | undefined,
    contentEncoding: string | undefined,
    status: number,
    asksForCredentials = false,
  ): BodyRedactor | undefined {
    const asks = asksForCredentials || (direction === "response" && this.#sourceAsks(match));
    const policy = policyOf(match, direction, status, asks);
    if (policy === hidden) return new HiddenBody(this.key);
    const rules = this.#bodyRules(policy, match);
    const isCoded = contentEncoding !== undefined && !isIdentity.test(contentEncoding);
    if (rules === undefined) {
      const isRequest = direction === "request";
      if (isCoded || !(isRequest ? mayNameAnyIndex(match) : mayReadAnyIndex(match)))
        return undefined;
      return new WatchedBody(
        () => this.bytes(),
        isRequest ? namesIn(match, contentType) : "quoted",
      );
    }
    if (!isCoded) return mediaRedactor(contentType, rules);
    const coding = codingOf(contentEncoding);
    if (coding === undefined) return new HiddenBody(this.key);
    return new CodedRedactor(coding, this.key, () => mediaRedactor(contentType, rules));
  }

  /** The redaction of bytes of which nothing is known but that text may stand in them. */
  bytes(): BodyRedactor {
    return new TextRedactor(this.#compiled(errorPolicy, errorPolicy, []), "bytes");
  }

  /** The target of a request, one char per byte. */
  target(match: ApiMatch): RedactedTarget {
    const { path, query } = match;
    const markers = new SecretMarkers(this.key, targetTokens);
    // A `?` within the password of a malformed target: nothing of it can be told apart.
    if (query !== undefined && !path.startsWith("/") && query.includes("@") && !path.includes("@"))
      return {
        path: redactPath(`${path}?${query}`, markers),
        query: undefined,
        indices: [],
        longList: "",
      };
    const redacted = redactPath(path, markers);
    const redactedQuery = query === undefined ? undefined : this.#query(query, match, markers);
    const isPlain = redacted === path && redactedQuery === query;
    const longList = isPlain ? match.longList : "";
    return {
      path: redacted,
      query: redactedQuery,
      indices: isPlain ? (longList === "" ? match.indices : []) : listed(match, markers),
      longList,
    };
  }

  /** A value of the field `Host`, one char per byte. */
  host(host: string): string;
  host(host: string | undefined): string | undefined;
  host(host: string | undefined): string | undefined {
    if (host === undefined || plainHost.test(host)) return host;
    return this.text(redactHost(host, new SecretMarkers(this.key)));
  }

  /** The value of any other header field that is recorded, or any short text, one char per byte. */
  text(value: string): string;
  text(value: string | undefined): string | undefined;
  text(value: string | undefined): string | undefined {
    if (value === undefined || !suspicious.test(value)) return value;
    const bytes = Buffer.from(value, "latin1");
    this.#text.reset();
    this.#spans.clear();
    this.#text.scan(bytes, 0, bytes.length);
    const { count, from, to } = this.#spans;
    const markers = new SecretMarkers(this.key);
    if (this.#hidden.hidesMore(bytes, 0, bytes.length, this.#spans))
      return markers.marker(bytes, 0, bytes.length, 0, true);
    if (count === 0) return value;
    let redacted = "";
    let kept = 0;
    for (let at = 0; at < count; at += 1) {
      redacted += value.slice(kept, from[at]);
      redacted += markers.marker(bytes, from[at] ?? 0, to[at] ?? 0, 0, true);
      kept = to[at] ?? 0;
    }
    return redacted + value.slice(kept);
  }

  /** The value of the field `Forwarded`, whose hosts may hold userinfo. */
  forwarded(value: string | undefined): string | undefined {
    if (value?.includes("@") !== true) return this.text(value);
    const markers = new SecretMarkers(this.key);
    return this.text(value.replaceAll(forwardedUserinfo, (secret) => marked(secret, markers)));
  }

  /** Names that a client claims: a URL with a password may stand where a name should. */
  identity(identity: Identity): Identity {
    const { jwt } = identity;
    const userName = this.text(identity.userName);
    const userId = this.text(identity.userId);
    const effectiveUserName = this.text(identity.effectiveUserName);
    const iss = this.text(jwt?.iss);
    const sub = this.text(jwt?.sub);
    if (
      userName === identity.userName &&
      userId === identity.userId &&
      effectiveUserName === identity.effectiveUserName &&
      iss === jwt?.iss &&
      sub === jwt?.sub
    )
      return identity;
    const claims = jwt === undefined ? undefined : { ...jwt, iss, sub };
    return { ...identity, userName, userId, effectiveUserName, jwt: claims };
  }

  #query(query: string, match: ApiMatch, markers: SecretMarkers): string {
    if (!mayHoldSecret.test(query)) return query;
    return redactQuery(query, {
      extra: this.#parameters,
      markers,
      redactSource: (body) => this.#source(body, match),
    });
  }

  /** The parameter `source` is the body of a request that has none. */
  #source(body: Buffer, match: ApiMatch): string | undefined {
    const redactor = this.body(match, "request", undefined, undefined, 0);
    if (redactor === undefined) return undefined;
    let text = "";
    const sink: RedactedSink = {
      keep: (bytes, start, end) => void (text += bytes.toString("latin1", start, end)),
    };
    redactor.write(body, 0, body.length, sink);
    const { state, hmac } = redactor.finish(sink);
    if (state === "none") return undefined;
    return state === "hidden" ? `redacted-${hmac}` : text;
  }

  /** Whether the parameter `source`, which stands for a body, names an index of credentials. */
  #sourceAsks(match: ApiMatch): boolean {
    if (match.query === undefined || !mayNameAnyIndex(match)) return false;
    const source = queryParameter(match.query, "source");
    if (source === undefined) return false;
    const body = Buffer.from(source);
    const watched = new WatchedBody(() => this.bytes(), namesIn(match, undefined));
    return !watched.passes(body, 0, body.length);
  }

  #bodyRules(policy: string, match: ApiMatch): BodyRules | undefined {
    const configured = this.#configured;
    if (configured.length === 0)
      return policy === documents ? undefined : this.#compiled(policy, policy, configured);
    let scope = this.#scopes.get(match);
    if (scope === undefined) {
      const { endpoint, indices } = match;
      const now = Date.now();
      const rules = configured.filter((rule) => rule.appliesTo(endpoint.name, indices, now));
      scope = { name: rules.map((rule) => configured.indexOf(rule)).join(","), rules };
      this.#scopes.set(match, scope);
    }
    if (policy === documents && scope.rules.length === 0) return undefined;
    return this.#compiled(`${policy}|${scope.name}`, policy, scope.rules);
  }

  #compiled(name: string, policy: string, applied: readonly ConfiguredRule[]): BodyRules {
    const known = this.#rules.get(name);
    if (known !== undefined) return known;
    const rules = rulesOf(policy, applied, this.key);
    this.#rules.set(name, rules);
    return rules;
  }
}

/** The indices of a target with secrets. A secret may hold a comma: the list is read as a whole. */
function listed({ indices }: ApiMatch, markers: SecretMarkers): readonly string[] {
  const list = redactPath(`/${indices.join(",")}`, markers).slice(1);
  return splitIndexList(list, list.length).items;
}

/** Whether an answer may hold documents of any index: its path names none. */
function mayReadAnyIndex(match: ApiMatch): boolean {
  return match.endpoint.class === "read" && match.longList === "" && match.indices.length === 0;
}

/** Whether the body of a request may name an index of its own. */
function mayNameAnyIndex({ endpoint }: ApiMatch): boolean {
  return namingBodies.has(endpoint.name);
}

function namesIn({ endpoint }: ApiMatch, contentType: string | undefined): WatchedNames {
  if (!wildcardBodies.has(endpoint.name)) return "anywhere";
  // In a query of ES|QL or SQL, what stands before a name is text in any format.
  const isQuery = namelessValues.has(endpoint.name);
  return !isQuery && binaryTypes.test(contentType ?? "") ? "binary wildcards" : "wildcards";
}

function policyOf(
  match: ApiMatch,
  direction: BodyDirection,
  status: number,
  asksForCredentials: boolean,
): string {
  const { endpoint } = match;
  const policy = policies.get(endpoint.name)?.[direction];
  if (policy === undefined) return endpoint.class === "security" ? hidden : unknownPolicy;
  if (policy !== documents) return policy;
  if (status >= 400) return errorPolicy;
  if (!asksForCredentials && !mayNameSecretIndex(match)) return documents;
  return namelessValues.has(endpoint.name) ? hidden : secretIndexPolicy;
}
