/** Fingerprints of queries: what is left when the values are taken out. */
import { hash } from "node:crypto";

import { GenerationCache } from "../../core/generation-cache.ts";

/** `dsl`: the query DSL, as search, count, update by query and the like take it. */
export type QueryLanguage = "dsl" | "esql" | "sql" | "eql";

/**
 * Equal for queries that differ in values, white space, comments, the order of keys and of clauses
 * whose order means nothing, and in how many values a list holds. Names of fields and indices stay.
 */
export interface Fingerprint {
  readonly language: QueryLanguage;
  /** Readable form with `?` for values; at most 4,096 characters, `…` at the end of a cut one. */
  readonly text: string;
  /** First 16 hexadecimal digits of the SHA-256 of the language and the whole form. */
  readonly hash: string;
}

/** Longer forms are cut: a person reads the beginning, the hash tells them apart. Characters. */
const maxText = 4096;

/**
 * Makes the fingerprint of a query whose values are already taken out.
 *
 * @param identity what the hash is of, where that is not the form itself
 */
export function fingerprintOf(
  language: QueryLanguage,
  form: string,
  identity: string = form,
): Fingerprint {
  const key = `${language}\n${identity}`;
  if (form !== identity || key.length > maxText) return newFingerprint(language, form, key);
  return known.getOrMake(key, () => newFingerprint(language, form, key));
}

/** Queries come again and again, and a lookup costs less than a hash. Some 8 MB at most. */
const known = new GenerationCache<string, Fingerprint>(500);

function newFingerprint(language: QueryLanguage, form: string, key: string): Fingerprint {
  const text = form.length <= maxText ? form : `${form.slice(0, maxText - 1)}…`;
  return { language, text: text.toWellFormed(), hash: shortHash(key) };
}

/** 64 bits are enough: a billion different queries collide with a probability of 3 %. */
export function shortHash(text: string): string {
  return hash("sha256", text, "hex").slice(0, 16);
}
