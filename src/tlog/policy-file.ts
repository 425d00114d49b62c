/** Reads policy files (c2sp.org/tlog-policy): lines `log`, `witness`, `group` and `quorum`. */

import { Buffer } from "node:buffer";

import type { Policy, PolicyGroup, PolicyLog, PolicyWitness } from "./policy.ts";
import { signatureTypes } from "./signature-type.ts";
import { maxTextBytes } from "./strict-text.ts";
import { TlogError } from "./tlog-error.ts";
import { VerifierKey } from "./verifier-key.ts";

/** Something that is wrong with a policy file, and where. */
export interface PolicyProblem {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  readonly message: string;
}

/** The specification asks for 32 of each; more than this is no policy that a person can judge. */
const maxDefinitions = 512;

/** More do not help anybody to repair the file. */
const maxProblems = 100;

/** A word of a line, and where it begins, in bytes from 0. */
interface Word {
  /** As latin1, one character a byte: names are compared as bytes. */
  readonly text: string;
  readonly offset: number;
}

/** A policy, or everything that is wrong with the file. Never throws. */
export function parsePolicy(
  bytes: Uint8Array,
): { readonly policy: Policy } | { readonly problems: readonly PolicyProblem[] } {
  if (bytes.length > maxTextBytes)
    return {
      problems: [{ line: 1, column: 1, message: `the file has more than ${maxTextBytes} bytes` }],
    };
  const reader = new PolicyReader();
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) reader.readLine(line, index + 1);
  return reader.end(lines.length);
}

class PolicyReader {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  /** Witnesses and groups; they share their names. */
  readonly #named = new Map<string, PolicyWitness | PolicyGroup>();
  /** Names whose definition is wrong: that they are used is no second problem. */
  readonly #broken = new Set<string>();
  /** Names that are members of a group already. */
  readonly #members = new Set<string>();
  #quorum: { readonly member: PolicyWitness | PolicyGroup | undefined } | undefined = undefined;
  readonly #problems: PolicyProblem[] = [];
  #line = 0;
  #text = "";

  readLine(text: string, line: number): void {
    if (this.#problems.length >= maxProblems) return;
    this.#text = text;
    this.#line = line;
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    const control = /[\u0000-\u0008\u000b-\u001f\u007f]/.exec(text);
    if (control !== null) return this.#fail("control characters are not allowed", control.index);
    const words = [...text.matchAll(/[^ \t]+/g)].map((match) => ({
      text: match[0],
      offset: match.index,
    }));
    const [keyword, ...rest] = words;
    if (keyword === undefined || keyword.text.startsWith("#")) return;
    if (this.#logs.length + this.#named.size >= maxDefinitions)
      return this.#fail(`more than ${maxDefinitions} definitions`, keyword.offset);
    switch (keyword.text) {
      case "log":
        return this.#readLog(rest);
      case "witness":
        return this.#readWitness(rest);
      case "group":
        return this.#readGroup(rest);
      case "quorum":
        return this.#readQuorum(rest, keyword);
      default:
        return this.#fail("expected log, witness, group or quorum", keyword.offset);
    }
  }

  end(
    lines: number,
  ): { readonly policy: Policy } | { readonly problems: readonly PolicyProblem[] } {
    const quorum = this.#quorum;
    if (quorum !== undefined && this.#problems.length === 0)
      return { policy: { logs: this.#logs, witnesses: this.#witnesses, quorum: quorum.member } };
    const message = "a quorum line is missing: quorum NAME, or quorum none";
    if (this.#problems.length === 0) this.#problems.push({ line: lines, column: 1, message });
    const problems = this.#problems.toSorted(
      (one, other) => one.line - other.line || one.column - other.column,
    );
    return { problems };
  }

  #readLog(words: readonly Word[]): void {
    const [vkey, url, surplus] = words;
    if (vkey === undefined || surplus !== undefined) return this.#form("log VKEY [URL]", surplus);
    const key = this.#key(vkey);
    if (key === undefined) return;
    if (this.#logs.some((log) => isSameKey(log.key, key)))
      return this.#fail("this log's key is listed twice", vkey.offset);
    this.#logs.push({ key, url: url && toUtf8(url.text) });
  }

  #readWitness(words: readonly Word[]): void {
    const [name, vkey, url, surplus] = words;
    if (name === undefined || vkey === undefined || surplus !== undefined)
      return this.#form("witness NAME VKEY [URL]", surplus, name);
    if (!this.#isFree(name)) return;
    const key = this.#key(vkey, name);
    if (key === undefined) return;
    if (!signatureTypes[key.type].isTimestamped)
      return this.#fail(
        "a witness needs a key for cosignatures (type 0x04 or 0x06)",
        vkey.offset,
        name,
      );
    if (this.#witnesses.some((witness) => isSameKey(witness.key, key)))
      return this.#fail("this witness's key is listed twice", vkey.offset, name);
    const witness = { name: toUtf8(name.text), key, url: url && toUtf8(url.text) };
    this.#witnesses.push(witness);
    this.#named.set(name.text, witness);
  }

  #readGroup(words: readonly Word[]): void {
    const [name, rule, ...rest] = words;
    if (name === undefined || rule === undefined || rest.length === 0)
      return this.#form("group NAME all|any|K MEMBER…", undefined, name);
    if (!this.#isFree(name)) return;
    const members = rest.flatMap((word) => this.#member(word) ?? []);
    const threshold = thresholdOf(rule.text, rest.length);
    if (threshold === undefined)
      return this.#fail(
        `expected all, any or a number from 1 to ${rest.length}`,
        rule.offset,
        name,
      );
    this.#named.set(name.text, { name: toUtf8(name.text), threshold, members });
  }

  #readQuorum([name, surplus]: readonly Word[], keyword: Word): void {
    if (name === undefined || surplus !== undefined) return this.#form("quorum NAME|none", surplus);
    if (this.#quorum !== undefined)
      return this.#fail("there is a quorum line already", keyword.offset);
    const member = this.#named.get(name.text);
    if (member === undefined && name.text !== "none") this.#undefined(name);
    this.#quorum = { member };
  }

  #member(word: Word): PolicyWitness | PolicyGroup | undefined {
    const member = this.#named.get(word.text);
    if (member === undefined) this.#undefined(word);
    else if (this.#members.has(word.text))
      this.#fail(`${toUtf8(word.text)} is a member of a group already`, word.offset);
    else this.#members.add(word.text);
    return member;
  }

  #isFree(name: Word): boolean {
    if (name.text !== "none" && !this.#named.has(name.text)) return true;
    const message =
      name.text === "none" ? '"none" cannot be defined' : `${toUtf8(name.text)} is defined already`;
    this.#fail(message, name.offset);
    return false;
  }

  #key(word: Word, definition?: Word): VerifierKey | undefined {
    try {
      return VerifierKey.parse(toUtf8(word.text));
    } catch (error) {
      this.#fail(
        error instanceof TlogError ? error.message : "not a vkey",
        word.offset,
        definition,
      );
      return undefined;
    }
  }

  #undefined(word: Word): void {
    if (!this.#broken.has(word.text))
      this.#fail(`${toUtf8(word.text)} is not defined on a line above`, word.offset);
  }

  #form(form: string, surplus: Word | undefined, definition?: Word): void {
    this.#fail(`expected: ${form}`, surplus?.offset ?? this.#text.length, definition);
  }

  #fail(message: string, offset: number, definition?: Word): void {
    if (definition !== undefined) this.#broken.add(definition.text);
    const column = toUtf8(this.#text.slice(0, offset)).length + 1;
    this.#problems.push({ line: this.#line, column, message });
  }
}

function thresholdOf(rule: string, members: number): number | undefined {
  if (rule === "all") return members;
  if (rule === "any") return 1;
  const threshold = /^\d{1,4}$/.test(rule) ? Number(rule) : 0;
  return threshold >= 1 && threshold <= members ? threshold : undefined;
}

/** Names and ids of keys do not matter: the same key under two names is still one party. */
function isSameKey(one: VerifierKey, other: VerifierKey): boolean {
  return one.publicKey.equals(other.publicKey);
}

/** For people and for vkeys; comparisons are made on the bytes. */
function toUtf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}
