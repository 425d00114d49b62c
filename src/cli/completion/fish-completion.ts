/** Completion for fish. */
import type { CompletedCommand, CompletedOption, CompletedValue } from "./completion-model.ts";
import { filterWords } from "./completion-model.ts";

/** A script for `~/.config/fish/completions/es-proxy.fish`. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  return `# fish completion of es-proxy, for ~/.config/fish/completions/es-proxy.fish

# The words of the command so far, without options: "audit query".
function __es_proxy_words
    set -l words (commandline -opc)
    for word in $words[2..]
        string match -q -- '-*' $word; or echo $word
    end
end

# Whether these words begin the command line, and no word of the others follows them.
function __es_proxy_is
    set -l words (__es_proxy_words)
    set -l wanted (string split ' ' -- $argv[1])
    test "$argv[1]" = ""; and set wanted
    test (count $words) -ge (count $wanted); or return 1
    for at in (seq (count $wanted))
        test $words[$at] = $wanted[$at]; or return 1
    end
    for next in $argv[2..]
        test (count $words) -gt (count $wanted)
        and test $words[(math (count $wanted) + 1)] = $next
        and return 1
    end
    return 0
end

# Values with commas between them.
function __es_proxy_list
    set -l token (commandline -ct)
    set -l head (string match -r '^.*,' -- $token)
    printf "$head%s\\n" $argv
end

function __es_proxy_filter
    printf '%s\\n' ${filterWords.map(([name]) => `${name}:`).join(" ")}
end

complete -c es-proxy -f
${commands.map(commandLines).join("\n")}`;
}

function commandLines({ path, commands, options, operands }: CompletedCommand): string {
  const followers = commands.map(([name]) => name);
  const condition = quoted(
    [`__es_proxy_is "${path.join(" ")}"`, ...followers.map((name) => `"${name}"`)].join(" "),
  );
  const start = `complete -c es-proxy -n ${condition}`;
  return [
    ...commands.map(([name, summary]) => `${start} -a ${name} -d ${quoted(summary)}`),
    ...options.map((option) => `${start} ${optionText(option)}`),
    ...operands.flatMap((operand) =>
      operand.kind === "anything" ? [] : [`${start} ${argumentText(operand)}`],
    ),
    "",
  ].join("\n");
}

function optionText({ name, short, help, value }: CompletedOption): string {
  return [
    `-l ${name}`,
    ...(short === undefined ? [] : [`-s ${short}`]),
    `-d ${quoted(help)}`,
    ...(value === undefined
      ? []
      : [`${value.kind === "file" ? "-r" : "-x"} ${argumentText(value)}`.trimEnd()]),
  ].join(" ");
}

function argumentText(value: CompletedValue): string {
  switch (value.kind) {
    case "words":
      return `-a ${quoted(value.words.join(" "))}`;
    case "list":
      return `-a ${quoted(`(__es_proxy_list ${value.words.join(" ")})`)}`;
    case "file":
      return "-F";
    case "directory":
      return `-a ${quoted("(__fish_complete_directories (commandline -ct))")}`;
    case "filter":
      return `-a ${quoted("(__es_proxy_filter)")}`;
    case "anything":
      return "";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
