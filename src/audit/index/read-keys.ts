/**
 * By what an index finds the calls of one read: their cursors, and what pages of one search have in
 * common. Most searches are the only call of theirs; they are known by their key alone, so that
 * they are looked at only where another search goes on with them.
 */
import { hash } from "node:crypto";

import { cursorKey, searchAfter, searchKey } from "../../elasticsearch/reads/read-page.ts";
import type { ReadCursor, ReadPage, SearchedPage } from "../../elasticsearch/reads/read-page.ts";
import { readOf, type ReadMembers } from "../examine/page-text.ts";

/** Key of all calls that need no other one to be a part of a read. Hashes are not below 1. */
export const joinedKey = 0;

/** What decides which calls are one read. */
export type KeyedPage = Pick<
  ReadPage,
  "role" | "user" | "fingerprint" | "indices" | "continues" | "requestCursors" | "responseCursors"
>;

/** How one call is found. */
export interface PageKeys {
  /** {@link joinedKey}, the search and each cursor, as far as it has them. */
  readonly keys: readonly number[];
  /** Key of the search that it goes on with; `undefined`: it goes on with none. */
  readonly continued: number | undefined;
}

/** The keys of a call. */
export function keysOfPage(page: KeyedPage): PageKeys {
  const { role, requestCursors, responseCursors } = page;
  const cursors = [...requestCursors, ...responseCursors].filter(isOfItsOwn);
  const asksSortValues = requestCursors.some(({ kind }) => kind === searchAfter);
  const isJoined =
    role !== "page" || page.continues || requestCursors.length > 0 || cursors.length > 0;
  const search = searchKeyHash(page);
  return {
    keys: [...(isJoined ? [joinedKey] : []), search, ...cursors.map(cursorKeyHash)],
    continued: page.continues || asksSortValues ? search : undefined,
  };
}

/** Sort values come again whenever the same search does; all other cursors are of one read. */
export function isOfItsOwn({ kind }: ReadCursor): boolean {
  return kind !== searchAfter;
}

/** 40 bits; the digests of cursors are secret already. */
export function cursorKeyHash(cursor: ReadCursor): number {
  return hash40(`cursor ${cursorKey(cursor, undefined)}`);
}

/** Key of pages with the same user, query and indices. */
export function searchKeyHash(page: SearchedPage): number {
  return hash40(`search ${searchKey(page) ?? ""}`);
}

function hash40(text: string): number {
  return 1 + (Number.parseInt(hash("sha256", text, "hex").slice(0, 10), 16) % (2 ** 40 - 1));
}

const readName = '"read":{"role":';
const startName = ',"start":';
const userName = '"user":';
const fingerprintName = '"fingerprint":"';
const mostRemembered = 10_000;

/** Finds the keys in lines of facts; the same ones come again and again. */
export class LinePageKeys {
  readonly #remembered = new Map<string, PageKeys>();

  /** @returns `undefined`: the line is of no part of a read */
  ofFacts(line: string): PageKeys | undefined {
    // A quote in a text of JSON has a backslash before it, so these stand at names only.
    const at = line.lastIndexOf(readName);
    if (at < 0) return undefined;
    const start = line.indexOf(startName, at);
    const user = line.indexOf(userName, start);
    const print = line.lastIndexOf(fingerprintName, at);
    const members = line.slice(at + '"read":'.length, start);
    // Between these two names are no texts, and behind the user one number.
    const name = line.slice(user + userName.length, line.lastIndexOf(",", line.length));
    const fingerprint = print < 0 ? "" : textFrom(line, print + fingerprintName.length);
    const text = `${fingerprint} ${name} ${members}`;
    const known = this.#remembered.get(text);
    if (known !== undefined) return known;
    const keys = keysOfTexts(members, name, fingerprint);
    if (keys === undefined) return undefined;
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear();
    this.#remembered.set(text, keys);
    return keys;
  }
}

function textFrom(line: string, at: number): string {
  return line.slice(at, line.indexOf('"', at));
}

/** `undefined`: it is no line of facts, whatever it looks like. */
function keysOfTexts(members: string, name: string, fingerprint: string): PageKeys | undefined {
  try {
    return keysOfPage({
      // Only `facts-line.ts` writes such members.
      ...readOf(JSON.parse(`${members}}`) as ReadMembers),
      user: String(JSON.parse(name)),
      fingerprint: fingerprint === "" ? undefined : fingerprint,
    });
  } catch {
    return undefined;
  }
}
