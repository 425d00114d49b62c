/** What the configuration adds to the built-in rules (`audit.redact`). */
import {
  parseIndexExpressions,
  type IndexExpressions,
} from "../../elasticsearch/names/index-expression.ts";
import { mayOverlap } from "../../elasticsearch/names/index-matcher.ts";
import { matchesWildcard } from "../../elasticsearch/names/wildcard.ts";
import { isRemovedName, isSecretName, isSecretParameter } from "./name-bits.ts";
import { plainName, type NameEntry } from "./name-matcher.ts";

/** One rule of the configuration. */
export interface RedactionRule {
  /** Names of members, and of parameters. */
  readonly names: readonly string[];
  /** Places of members: `patient.ssn` anywhere, `$.patient.ssn` from the top; `*`, `**`. */
  readonly paths: readonly string[];
  /** Names of parameters of the query string and of forms. */
  readonly parameters: readonly string[];
  /** What is replaced within strings; with the flag `g`. */
  readonly patterns: readonly RegExp[];
  /** Index expressions; empty: whatever index. */
  readonly indices: readonly string[];
  /** Names of API endpoints, with `*`; empty: all. */
  readonly endpoints: readonly string[];
  /** False: no token stands for what was removed. */
  readonly keepsToken: boolean;
}

/** A path of a rule, ready to be compared. */
export interface PathRule {
  readonly form: RegExp;
  readonly bits: number;
}

/** A pattern of a rule, or one that is built in. */
export interface PatternRule {
  readonly form: RegExp;
  readonly keepsToken: boolean;
  /** What it costs is known: it is tried on text of any length. */
  readonly isBuiltIn: boolean;
}

/** A rule of the configuration, ready to be asked. */
export class ConfiguredRule {
  readonly rule: RedactionRule;
  readonly nameEntries: readonly NameEntry[];
  readonly pathRules: readonly PathRule[];
  readonly patternRules: readonly PatternRule[];
  readonly #indices: IndexExpressions | undefined;

  constructor(rule: RedactionRule) {
    this.rule = rule;
    const removed = rule.keepsToken ? 0 : isRemovedName;
    this.nameEntries = [
      ...rule.names.map((name) => entry(name, isSecretName | isSecretParameter | removed)),
      ...rule.parameters.map((name) => entry(name, isSecretParameter | removed)),
    ];
    this.pathRules = rule.paths.map((path) => ({
      form: pathForm(path),
      bits: isSecretName | removed,
    }));
    this.patternRules = rule.patterns.map((form) => ({
      form,
      keepsToken: rule.keepsToken,
      isBuiltIn: false,
    }));
    this.#indices =
      rule.indices.length === 0 ? undefined : parseIndexExpressions(rule.indices, Date.now());
  }

  /**
   * Whether it applies to a call.
   *
   * @param indices expressions of the path; empty: every index may be meant, because the path names
   *   none or a body may name others
   */
  appliesTo(endpoint: string, indices: readonly string[], nowMs: number): boolean {
    const { endpoints } = this.rule;
    if (endpoints.length > 0 && !endpoints.some((form) => matchesWildcard(form, endpoint)))
      return false;
    if (this.#indices === undefined || indices.length === 0) return true;
    return mayOverlap(parseIndexExpressions(indices, nowMs), this.#indices);
  }
}

function entry(name: string, bits: number): NameEntry {
  return { name: plainName(name), match: "whole", bits };
}

/** The form of the names from the top, each with a dot before it, as members of objects. */
function pathForm(path: string): RegExp {
  const isAnchored = path.startsWith("$.");
  const names = (isAnchored ? path.slice(2) : path).replaceAll(/\[(?:\*|\d*)\]/g, "").split(".");
  const form = names
    .map((name) => {
      if (name === "**") return "(?:\\..+)?";
      if (name === "*") return "\\.[^.]+";
      return `\\.${name.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&").replaceAll("\\*", "[^.]*")}`;
    })
    .join("");
  return new RegExp(`${isAnchored ? "^" : ""}${form}$`, "u");
}
