/** YAML as SnakeYAML reads it, the reader of Elastic's own runner. */

/**
 * Indents what goes on from the line before: values in brackets and in double quotes that span
 * lines may begin anywhere for SnakeYAML, while YAML 1.2 wants them indented deeper than their
 * owner.
 */
export function indentContinuations(text: string): string {
  const state = { depth: 0, isQuoted: false };
  let indent = "";
  let literalIndent: number | undefined;
  const lines = text.split("\n").map((line) => {
    const own = /^\s*/.exec(line)?.[0] ?? "";
    if (literalIndent !== undefined) {
      if (line.trim() === "" || own.length > literalIndent) return line;
      literalIndent = undefined;
    }
    const goesOn = state.depth > 0 || state.isQuoted;
    if (!goesOn) indent = own;
    scan(line, state);
    if (!goesOn && state.depth === 0 && !state.isQuoted && /[|>][+-]?\s*$/.test(line))
      literalIndent = own.length;
    return goesOn ? `${indent}            ${line.trimStart()}` : line;
  });
  return lines.join("\n");
}

/** Follows brackets and double quotes through a line. */
function scan(line: string, state: { depth: number; isQuoted: boolean }): void {
  let single = false;
  for (let at = 0; at < line.length; at++) {
    const letter = line[at];
    if (state.isQuoted) {
      if (letter === "\\") at++;
      else if (letter === '"') state.isQuoted = false;
    } else if (single) {
      if (letter === "'") single = false;
    } else if (letter === "#" && (at === 0 || line[at - 1] === " ")) return;
    else if (letter === '"' && opensValue(line, at)) state.isQuoted = true;
    else if (letter === "'" && opensValue(line, at)) single = true;
    else if ((letter === "{" || letter === "[") && (state.depth > 0 || opensValue(line, at)))
      state.depth++;
    else if ((letter === "}" || letter === "]") && state.depth > 0) state.depth--;
  }
}

/** True where a value begins: what stands before is a mark of structure, not a word. */
function opensValue(line: string, at: number): boolean {
  const before = line.slice(0, at).trimEnd();
  return before === "" || /[-:,[{]$/.test(before);
}
