/** Completion for bash. */
import type { CompletedCommand, CompletedValue } from "./completion-model.ts";
import { filterWords } from "./completion-model.ts";

/** A script for `source`, and for the folder of bash-completion. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# bash completion of es-proxy: source <(es-proxy completion bash)

__es_proxy_filter() {
  # Within quotes the word goes from the quote to the cursor, blanks and all.
  local text="\${cur#[\\"\\']}" head= token name words=
  token="\${text##*[ (]}"
  head="\${text%"$token"}"
  name="\${head% }"; name="\${name##*[ (]}"
  case "$name" in
${filterWords
  .filter(([, values]) => values.length > 0)
  .map(([name, values]) => `    ${name}:) words="${values.join(" ")}" ;;\n`)
  .join("")}    *) words="${filterWords.map(([name]) => `${name}:`).join(" ")}" ;;
  esac
  local word
  for word in $words; do
    [[ $word == "$token"* ]] && COMPREPLY+=("$head$word")
  done
  [[ \${#COMPREPLY[@]} -gt 0 && \${COMPREPLY[0]} == *: ]] && compopt -o nospace 2>/dev/null
}

__es_proxy_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }

__es_proxy_list() {
  local head= last="\${cur##*,}" word
  [[ $cur == *,* ]] && head="\${cur%,*},"
  for word in $1; do
    [[ $word == "$last"* ]] && COMPREPLY+=("$head$word")
  done
  compopt -o nospace 2>/dev/null
}

__es_proxy_files() {
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}

# Gives what stands behind an option of a command; 1: it takes nothing.
__es_proxy_value() {
  case "$1 $2" in
${commands.map(valueCases).join("")}    *) return 1 ;;
  esac
  return 0
}

_es_proxy() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  local command= words= options= at word operand=0
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    case "$word" in
      -*) case "$word" in *=*) ;; *) __es_proxy_takes "$command" "$word" && ((at++)) ;; esac ;;
      *)
        if __es_proxy_is_command "$command\${command:+ }$word"; then
          command="$command\${command:+ }$word"
        else ((operand++)); fi ;;
    esac
  done
  # The value of an option, which readline may have cut off at its equals sign.
  if [[ $cur == "=" ]]; then cur=; at=$((COMP_CWORD - 1))
  elif [[ $previous == "=" ]]; then at=$((COMP_CWORD - 2))
  else at=$((COMP_CWORD - 1)); fi
  word="\${COMP_WORDS[at]}"
  if [[ $word == -* ]] && __es_proxy_value "$command" "$word"; then return; fi
  case "$command" in
${commands.map(commandCase).join("")}  esac
  if [[ $cur == -* ]]; then __es_proxy_words "$options"
  elif [[ -n $words && $operand == 0 ]]; then __es_proxy_words "$words"
  else __es_proxy_operand "$command" "$operand"; fi
}

__es_proxy_operand() {
  case "$1 $2" in
${commands.map(operandCases).join("")}    *) : ;;
  esac
}

# Whether an option is followed by a value of its own.
__es_proxy_takes() {
  case "$1 $2" in
${commands.map(takesCase).join("")}    *) return 1 ;;
  esac
}

__es_proxy_is_command() {
  case "$1" in
    ${commands
      .filter(({ path }) => path.length > 0)
      .map(({ path }) => quoted(path.join(" ")))
      .join(" | ")}) return 0 ;;
  esac
  return 1
}

complete -F _es_proxy es-proxy
`;
}

function commandCase({ path, commands, options }: CompletedCommand): string {
  const names = options.flatMap(({ name, short }) => [
    `--${name}`,
    ...(short === undefined ? [] : [`-${short}`]),
  ]);
  return (
    `    ${quoted(path.join(" "))}) words=${quoted(commands.map(([name]) => name).join(" "))}\n` +
    `      options=${quoted(names.join(" "))} ;;\n`
  );
}

function valueCases(command: CompletedCommand): string {
  return command.options
    .flatMap((option) =>
      option.value === undefined
        ? []
        : [`    ${patterns(command, [option])}) ${action(option.value)} ;;\n`],
    )
    .join("");
}

function takesCase(command: CompletedCommand): string {
  const taking = command.options.filter(({ value }) => value !== undefined);
  return taking.length === 0 ? "" : `    ${patterns(command, taking)}) return 0 ;;\n`;
}

function operandCases({ path, operands }: CompletedCommand): string {
  return operands
    .map((operand, at) => `    ${quoted(`${path.join(" ")} ${at}`)}) ${action(operand)} ;;\n`)
    .join("");
}

/** \`"audit query --dir" | "audit query -d"\`. */
function patterns({ path }: CompletedCommand, options: CompletedCommand["options"]): string {
  return options
    .flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])])
    .map((flag) => quoted(`${path.join(" ")} ${flag}`))
    .join(" | ");
}

function action(value: CompletedValue): string {
  switch (value.kind) {
    case "words":
      return `__es_proxy_words ${quoted(value.words.join(" "))}`;
    case "list":
      return `__es_proxy_list ${quoted(value.words.join(" "))}`;
    case "file":
      return "__es_proxy_files -f";
    case "directory":
      return "__es_proxy_files -d";
    case "filter":
      return "__es_proxy_filter";
    case "anything":
      return ":";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
