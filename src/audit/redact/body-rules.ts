/** The rules for one kind of body, made once from its policy and the configuration. */
import type { ConfiguredRule, PathRule, PatternRule } from "./configured-rules.ts";
import {
  firstAncestor,
  firstDescendant,
  isCredentialField,
  isFieldsMember,
  isNamingMember,
  isOpenMember,
  isSecretName,
  isSecretParameter,
  isSecretTextName,
  isSensitivityMember,
  isValueMember,
} from "./name-bits.ts";
import { messagePatterns } from "./message-patterns.ts";
import { NameMatcher, plainName, type NameEntry } from "./name-matcher.ts";
import {
  credentialFields,
  listed,
  namingMembers,
  secretEndings,
  secretParameters,
  secretTextEndings,
  secretTextNames,
  secretWords,
  valueMembers,
} from "./secret-names.ts";

/** What the redactors of one body are told. */
export interface BodyRules {
  /** Key of tokens and digests. */
  readonly key: Uint8Array;
  /** The built-in names; `undefined`: only what is configured is removed. */
  readonly names: NameMatcher | undefined;
  /** The names that the policy and the configuration add. */
  readonly extra: NameMatcher | undefined;
  /** Members of `properties` and `fields` are names of fields. */
  readonly hasFields: boolean;
  /**
   * A `value` is removed when its neighbour says that it belongs to a secret name. Built in, as
   * long as `names` are.
   */
  readonly hasNeighbours: boolean;
  /** Paths of the configuration. */
  readonly paths: readonly PathRule[];
  /** Patterns of the configuration. */
  readonly patterns: readonly PatternRule[];
  /** In an array, what follows a secret name is removed: `["X-Api-Key", "…"]`. */
  readonly hasPairs: boolean;
}

/** The built-in names. */
export const builtInNames = new NameMatcher([
  ...entries(secretEndings, "ending", isSecretName),
  ...entries(secretWords, "word", isSecretName),
  ...entries(secretParameters, "whole", isSecretParameter),
  ...entries(credentialFields, "ending", isCredentialField),
  ...entries(namingMembers, "whole", isNamingMember),
  ...entries(valueMembers, "whole", isValueMember),
  ...entries(secretTextEndings, "ending", isSecretTextName),
  ...entries(secretTextNames, "whole", isSecretTextName),
  ...entries("sensitive", "whole", isSensitivityMember),
  ...entries("properties fields", "whole", isFieldsMember),
]);

function entries(names: string, match: NameEntry["match"], bits: number): NameEntry[] {
  return listed(names).map((name) => ({ name, match, bits }));
}

/**
 * Rules of a policy of `body-policies.ts`, with what the configuration adds.
 *
 * @param policy `-`: none of the built-in rules
 * @throws {Error} when a policy has more than eight ancestors
 */
export function rulesOf(
  policy: string,
  configured: readonly ConfiguredRule[],
  key: Uint8Array,
): BodyRules {
  const added: NameEntry[] = configured.flatMap(({ nameEntries }) => nameEntries);
  const ancestors: string[] = [];
  const words = listed(policy);
  for (const word of words) {
    const name = word.slice(1);
    if (word.startsWith("=")) added.push(entry(name, isOpenMember));
    if (!word.startsWith("+")) continue;
    const [ancestor = "", descendant] = name.split(">");
    if (descendant === undefined) {
      added.push(entry(name, isSecretName));
      continue;
    }
    if (!ancestors.includes(ancestor)) ancestors.push(ancestor);
    const number = ancestors.indexOf(ancestor);
    if (number > 7) throw new Error(`too many ancestors: ${policy}`);
    added.push(entry(ancestor, firstAncestor << number));
    added.push(entry(descendant, firstDescendant << number));
  }
  return {
    key,
    names: policy === "-" ? undefined : builtInNames,
    extra: added.length === 0 ? undefined : new NameMatcher(added),
    hasFields: words.includes("fields"),
    hasNeighbours: policy !== "-",
    hasPairs: words.includes("pairs"),
    paths: configured.flatMap(({ pathRules }) => pathRules),
    patterns: [
      ...messagePatterns(words),
      ...configured.flatMap(({ patternRules }) => patternRules),
    ],
  };
}

function entry(name: string, bits: number): NameEntry {
  return { name: plainName(name), match: "whole", bits };
}
