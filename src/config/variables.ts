/**
 * Expands variables of the environment in values, with the notation that container users know:
 * `${NAME}`, `${NAME:-default}`, and `$$` for a dollar sign in front of a brace.
 */
import { isScalar, visit, type Document, type Scalar } from "yaml";

const reference = /\$\$(?=\{)|\$\{([^}]*)(?:\}|$)/g;
/** A default holds no reference: its brace would end this one. */
const form = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:(?!\$\{)[^])*))?\}$/;

/** A reference that cannot be expanded. */
export interface VariableProblem {
  /** Offset of the value in the text. */
  readonly offset: number;
  readonly message: string;
}

/**
 * Expands the values (never the keys) of a document in place, after the text was parsed: a value
 * can neither end its string nor add a key. An unquoted value that becomes a whole number, `true`
 * or `false` counts as one. An empty variable is taken as unset, as `:-` of a shell does.
 */
export function expandVariables(
  document: Document,
  environment: Readonly<Record<string, string | undefined>>,
): VariableProblem[] {
  const problems: VariableProblem[] = [];
  visit(document, {
    Scalar: (key, node) => {
      const { value } = node;
      if (key === "key" || typeof value !== "string" || !value.includes("${")) return;
      node.value = typed(node, expand(value, node));
    },
  });
  return problems;

  function expand(text: string, node: Scalar): string {
    return text.replaceAll(reference, (whole: string, inner: string | undefined) => {
      if (inner === undefined) return "$";
      const [, name, fallback] = form.exec(whole) ?? [];
      const offset = node.range?.[0] ?? 0;
      if (name === undefined) {
        const message =
          `${whole} is no variable: write ` +
          "${NAME} or ${NAME:-default}, or $${ where it shall stand as it is";
        problems.push({ offset, message });
        return "";
      }
      const set = environment[name];
      if (set !== undefined && set !== "") return set;
      if (fallback !== undefined) return fallback;
      if (set === "") return "";
      const example = `\${${name}:-default}`;
      const message = `the environment variable ${name} is not set; ${example} gives a default`;
      problems.push({ offset, message });
      return "";
    });
  }
}

function typed(node: Scalar, text: string): string | number | boolean {
  if (!isScalar(node) || node.type !== "PLAIN") return text;
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  return text === "true" ? true : text === "false" ? false : text;
}
