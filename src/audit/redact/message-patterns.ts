/** Messages of errors that repeat what was asked, without the name of a secret before it. */
import type { PatternRule } from "./configured-rules.ts";

/** Of a longer value the beginning is removed, in characters; an opaque one ends before. */
const value = String.raw`[^\]\n]{1,4096}`;

/**
 * What Jackson and Elasticsearch say of settings and bodies that they cannot read: `Unrecognized
 * token 'x'`, `Failed to parse value [x] for setting [y]`, `can't update [y] from [x] to [z]`.
 */
const errorForms = [
  /\b(?:unrecognized|unknown|unexpected|invalid) (?:token|character) ['"[(][^'"\])\n]{1,4096}/gi,
  new RegExp(String.raw`\b(?:to|from|value|values|found|got|was) ?:? \[${value}`, "gi"),
];
/** What services of inference say of a wrong key, which has a digit or is masked. */
const keyForms = [
  /\b(?:api[ _-]?key|token|password|secret)(?: provided)?:? ?[['"(]?(?=[\w*.-]{0,63}[\d*])[\w*.-]{6,512}/gi,
  new RegExp(
    String.raw`\b(?:api[ _-]?key|token|password|secret)(?: provided)?:? ?\[${value}`,
    "gi",
  ),
];

/** The patterns that the words of a policy stand for. */
export function messagePatterns(words: readonly string[]): PatternRule[] {
  const isError = words.includes("errors");
  const forms = isError ? [...errorForms, ...keyForms] : words.includes("keys") ? keyForms : [];
  return forms.map((form) => ({ form, keepsToken: true, isBuiltIn: true }));
}

/** A pattern of texts that are secrets of the same exchange. */
export function repeatedPattern(secrets: readonly string[]): PatternRule {
  const texts = secrets.map((secret) =>
    secret.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`),
  );
  return { form: new RegExp(texts.join("|"), "g"), keepsToken: true, isBuiltIn: true };
}
