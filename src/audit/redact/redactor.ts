/** Decides what of an exchange may be recorded. The only place that knows what a secret is. */
import { Buffer } from "node:buffer";
import type { ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import { codingsOf } from "../../elasticsearch/body/content-coding.ts";
import { sourceParameter } from "../../elasticsearch/api/query-parameter.ts";
import type { Identity } from "../../elasticsearch/identity/identity.ts";
import { splitIndexList } from "../../elasticsearch/names/index-list.ts";
import type { BodyRedactor, RedactedSink } from "./body-redactor.ts";
import { builtInNames, rulesOf, type BodyRules } from "./body-rules.ts";
import {
  documents,
  errorPolicy,
  hasNamelessValues,
  hidden,
  mayNameAnyIndex,
  policyOf,
  watchOf,
  type BodyDirection,
} from "./call-policies.ts";
import {
  CodedRedactor,
  codingOf,
  lookedThrough,
  searched,
  searchedAnswer,
  searchedSmall,
} from "./coded-redactor.ts";
import { ConfiguredRule, type RedactionRule } from "./configured-rules.ts";
import { CursorBody } from "./cursor-body.ts";
import { endsWithCursor, idInAnswer, idInRequest, idInTarget } from "./cursor-ids.ts";
import { CursorOrigins } from "./cursor-origins.ts";
import { HiddenBody } from "./hidden-body.ts";
import { watchedForm } from "./hidden-names.ts";
import { HitsOnly } from "./hits-only.ts";
import { HiddenText } from "./hidden-text.ts";
import { mediaRedactor } from "./media-redactor.ts";
import { repeatedPattern } from "./message-patterns.ts";
import { NameMatcher } from "./name-matcher.ts";
import { redactQuery } from "./query-redaction.ts";
import { mayNameSecretIndex } from "./secret-indices.ts";
import { SecretMarkers } from "./secret-markers.ts";
import { SecretSpans } from "./secret-spans.ts";
import { marked, redactHost, redactPath } from "./target-redaction.ts";
import { TextRedactor } from "./text-redactor.ts";
import { TextScanner } from "./text-scanner.ts";
import { WatchedBody, type NameWatch } from "./watched-body.ts";

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

/** What a text must hold to hold a secret: a pair, a URL, a scheme. */
const suspicious = /[=:%\\]|basic |bearer |apikey |negotiate |ntlm /i;
/** The same for a query string. */
const mayHoldSecret = /[=@:%]/;
/** The name of a host with its port, and nothing else. */
const plainHost = /^[\w.:[\]-]*$/;
/** Userinfo of a host in a field `Forwarded` (RFC 7239 §5.3). */
const forwardedUserinfo = /(?<=host\s*=\s*"?)[^";,\s]*(?=@)/gi;

const isIdentity = /^\s*(?:identity\s*)?$/i;

/** What is known of a request when its answer begins. */
export interface AskedBody {
  /** Its body names an index of credentials. */
  readonly namesCredentials: boolean;
  /** What was removed from its body; an error may repeat it. */
  readonly secrets: readonly string[] | undefined;
}

const nothingAsked: AskedBody = { namesCredentials: false, secrets: undefined };

interface BodyHead {
  readonly direction: BodyDirection;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
}

interface ConfiguredScope {
  readonly name: string;
  readonly rules: readonly ConfiguredRule[];
}

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
  readonly #cursors = new CursorOrigins();
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
   * @param asked what is known of the request, for an answer
   */
  body(
    match: ApiMatch,
    direction: BodyDirection,
    contentType: string | undefined,
    contentEncoding: string | undefined,
    status: number,
    asked: AskedBody = nothingAsked,
  ): BodyRedactor | undefined {
    const isAnswer = direction === "response";
    const asks = asked.namesCredentials || (isAnswer && this.#targetAsks(match));
    const policy = policyOf(match, direction, status, asks);
    const head: BodyHead = { direction, contentType, contentEncoding };
    const secrets = status >= 400 ? asked.secrets : undefined;
    const redactor = this.#bodyOf(match, policy, head, secrets);
    if (status >= 400) return redactor;
    const form = isAnswer ? idInAnswer(match) : idInRequest(match);
    if (form === undefined) return redactor;
    const [coding] = codingsOf(contentEncoding) ?? [];
    return new CursorBody(redactor, {
      form,
      isAnswer,
      written: watchedForm(contentType),
      hasEnd: isAnswer && endsWithCursor(match),
      coding,
      found: (ids, { isUnreadable, namesCredentials }) => {
        if (!isAnswer) return isUnreadable || this.#mayReadSecrets(ids, match);
        const isSecret = asks || namesCredentials || mayNameSecretIndex(match);
        for (const id of ids) this.#cursors.opened(id, isSecret);
        return false;
      },
    });
  }

  /** Whether an answer that begins before its request has ended must be taken for the worst. */
  dependsOnRequest(match: ApiMatch): boolean {
    return mayNameAnyIndex(match) || idInRequest(match) !== undefined;
  }

  #bodyOf(
    match: ApiMatch,
    policy: string,
    { direction, contentType, contentEncoding }: BodyHead,
    secrets: readonly string[] | undefined,
  ): BodyRedactor | undefined {
    if (policy === hidden) return new HiddenBody(this.key);
    let rules = this.#bodyRules(policy, match);
    if (rules !== undefined && secrets !== undefined)
      rules = { ...rules, patterns: [...rules.patterns, repeatedPattern(secrets)] };
    const isCoded = contentEncoding !== undefined && !isIdentity.test(contentEncoding);
    if (policy === documents) {
      const watch = watchOf(match, direction, contentType);
      if (watch !== undefined) return this.#watched(watch, match, contentType, contentEncoding);
    }
    if (rules === undefined) return undefined;
    if (!isCoded) return mediaRedactor(contentType, rules);
    const coding = codingOf(contentEncoding);
    if (coding === undefined) return new HiddenBody(this.key);
    const found = rules;
    const begin = (): BodyRedactor => mediaRedactor(contentType, found);
    return new CodedRedactor(coding, this.key, lookedThrough, begin);
  }

  /** Documents, in which an index of credentials may be named. */
  #watched(
    watch: NameWatch,
    match: ApiMatch,
    contentType: string | undefined,
    contentEncoding: string | undefined,
  ): BodyRedactor {
    const rules = this.#bodyRules(documents, match);
    const begin = (): BodyRedactor =>
      new WatchedBody(watch, {
        before: rules === undefined ? undefined : mediaRedactor(contentType, rules),
        behind: (isText) =>
          isText ? this.#namedDocuments(watch, match) : new HiddenBody(this.key),
      });
    // Elasticsearch reads a coding that it does not know as none.
    const known = codingsOf(contentEncoding) ?? [];
    const [first] = known;
    if (first === undefined) return begin();
    const coding = known.length > 1 ? undefined : codingOf(first);
    if (coding === undefined) return new HiddenBody(this.key);
    const isBulk = match.endpoint.name === "bulk";
    const ofRequest = isBulk ? searchedSmall : searched;
    const ofAnswer = watch.names === "members" ? searchedSmall : searchedAnswer;
    const ofDocuments = watch.names === "request" ? ofRequest : ofAnswer;
    const limits = rules === undefined ? ofDocuments : lookedThrough;
    return new CodedRedactor(coding, this.key, limits, begin);
  }

  /** What follows the name of an index of credentials: values with the names of their fields. */
  #namedDocuments({ names }: NameWatch, match: ApiMatch): BodyRedactor {
    const isRequest = names === "request";
    if (!isRequest && hasNamelessValues(match)) return new HiddenBody(this.key);
    const text = new TextRedactor(this.#errorRules(match));
    return isRequest ? text : new HitsOnly(text);
  }

  #errorRules(match: ApiMatch): BodyRules {
    return this.#bodyRules(errorPolicy, match) ?? this.#compiled(errorPolicy, errorPolicy, []);
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
    const { contentType } = sourceParameter(match.query) ?? {};
    const redactor = this.body(match, "request", contentType, undefined, 0);
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

  /** Whether a request goes on with something that reads an index of credentials. */
  #mayReadSecrets(ids: readonly string[], match: ApiMatch): boolean {
    if (match.endpoint.name === "scroll" && ids.length === 0)
      return idInTarget(match) === undefined;
    const isPointInTime = idInRequest(match)?.mark === "pit";
    return ids.some((id) => this.#cursors.mayReadSecrets(id, isPointInTime));
  }

  #targetAsks(match: ApiMatch): boolean {
    const id = idInTarget(match);
    return (id !== undefined && this.#cursors.mayReadSecrets(id, false)) || this.#sourceAsks(match);
  }

  /** Whether the parameter `source`, which stands for a body, names an index of credentials. */
  #sourceAsks(match: ApiMatch): boolean {
    if (match.query === undefined || !mayNameAnyIndex(match)) return false;
    const source = sourceParameter(match.query);
    if (source === undefined) return false;
    const watch = watchOf(match, "request", source.contentType);
    if (watch === undefined) return false;
    const body = Buffer.from(source.text);
    const behind = (): BodyRedactor => this.bytes();
    return !new WatchedBody(watch, { before: undefined, behind }).passes(body, 0, body.length);
  }

  #bodyRules(policy: string, match: ApiMatch): BodyRules | undefined {
    const configured = this.#configured;
    if (configured.length === 0)
      return policy === documents ? undefined : this.#compiled(policy, policy, configured);
    let scope = this.#scopes.get(match);
    if (scope === undefined) {
      const { endpoint } = match;
      const indices = mayNameAnyIndex(match) ? [] : match.indices;
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
