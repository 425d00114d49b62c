/** Completion for zsh. */
import type { CompletedCommand, CompletedOption, CompletedValue } from "./completion-model.ts";
import { filterWords } from "./completion-model.ts";

/** A script for a folder of `fpath`, and for `source` when `compinit` has run. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef es-proxy
# zsh completion of es-proxy: es-proxy completion zsh > "\${fpath[1]}/_es-proxy"

__es_proxy_filter() {
  local -a names
  compset -P '*[ (]'
  case "\${(Q)IPREFIX}\${(Q)PREFIX}" in
${filterWords
  .filter(([, values]) => values.length > 0)
  .map(([name, values]) => `    *${name}:*) compadd -- ${values.join(" ")}; return ;;\n`)
  .join("")}  esac
  names=(${filterWords.map(([name]) => `${name}:`).join(" ")})
  compadd -S ' ' -- $names
}

__es_proxy_list() { _values -s , value "$@" }

${commands.map(commandFunction).join("\n")}
_es-proxy() { local curcontext="$curcontext"; __es_proxy }

if [ "$funcstack[1]" = "_es-proxy" ]; then
  _es-proxy "$@"
else
  compdef _es-proxy es-proxy
fi
`;
}

function commandFunction({ path, commands, options, operands }: CompletedCommand): string {
  const specs = options.flatMap(optionSpecs);
  const name = functionName(path);
  if (commands.length === 0) {
    const places = operands.map((value, at) => `'${at + 1}: :${action(value)}'`);
    return `${name}() {\n  _arguments -s ${[...specs, ...places].join(" \\\n    ")}\n}\n`;
  }
  const words = commands.map(([word, summary]) => quoted(`${word}:${summary}`));
  // What `help` is followed by is a word, not a command that runs.
  const inner = path.at(-1) === "help" ? [] : commands.map(([word]) => [...path, word]);
  return `${name}() {
  local state line
  local -a words_of_it
  words_of_it=(${words.join("\n    ")})
  _arguments -C ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(" \\\n    ")}
  case "$state" in
    command) _describe command words_of_it ;;
    rest)
      case "$line[1]" in
${inner.map((one) => `        ${one.at(-1)}) ${functionName(one)} ;;\n`).join("")}        *) : ;;
      esac ;;
  esac
}
`;
}

function functionName(path: readonly string[]): string {
  return ["__es_proxy", ...path].join("_").replaceAll("-", "_");
}

function optionSpecs({ name, short, help, value, isRepeatable }: CompletedOption): string[] {
  const text = `[${help.replaceAll(/[[\]:\\]/g, (found) => `\\${found}`)}]`;
  const behind = value === undefined ? "" : `: :${action(value)}`;
  const repeat = isRepeatable ? "*" : "";
  const equal = value === undefined ? "" : "=";
  return [
    quoted(`${repeat}--${name}${equal}${text}${behind}`),
    ...(short === undefined
      ? []
      : [quoted(`${repeat}-${short}${value === undefined ? "" : "+"}${text}${behind}`)]),
  ];
}

function action(value: CompletedValue): string {
  switch (value.kind) {
    case "words":
      return `(${value.words.join(" ")})`;
    case "list":
      return `{__es_proxy_list ${value.words.join(" ")}}`;
    case "file":
      return "_files";
    case "directory":
      return "_files -/";
    case "filter":
      return "__es_proxy_filter";
    case "anything":
      return "( )";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
