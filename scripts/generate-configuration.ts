/**
 * Writes docs/configuration.md from the schema: every key with its meaning, type and default, and
 * an example for each section. Usage: `node scripts/generate-configuration.ts > FILE`
 */
import { stdout } from "node:process";
import { pathToFileURL } from "node:url";

import { configJsonSchema } from "../src/config/json-schema.ts";
import { configurationExamples } from "./configuration-examples.ts";

/** A node of the JSON Schema, as far as this page looks at it. */
interface Node {
  readonly type?: string;
  readonly const?: string | number | boolean;
  readonly enum?: readonly (string | number)[];
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: boolean | Node;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const width = 100;
const intro = `# Configuration

This page is made from the schema (\`make docs\`); \`es-proxy schema\` prints the same for editors. A
file that begins with \`# yaml-language-server: $schema=es-proxy.schema.json\` is completed and
checked while it is typed. \`es-proxy validate --config FILE\` says every problem with its place and
binds no port.

The file is YAML. Unknown keys are refused. Durations are written \`250ms\`, \`10s\`, \`5m\`, \`1h\`,
\`1d\`; sizes \`512B\`, \`16KiB\`, \`100MB\`. Relative file names start at the folder of the file. In
values \`\${NAME}\` and \`\${NAME:-default}\` stand for variables of the environment (\`$\${\` for a plain
\`\${\`); a variable within brackets needs quotes. \`--config -\` reads standard input.
`;

/** The whole page. */
export function configurationPage(): string {
  // The schema is a plain object of JSON.
  const root = configJsonSchema() as Node;
  const { properties = {} } = root;
  const general = Object.entries(properties).filter(([, node]) => !isSection(node));
  const parts = [intro, example(""), keys(general, root, "")];
  for (const [name, node] of Object.entries(properties))
    if (isSection(node)) parts.push(...section(name, node));
  return parts
    .filter((part) => part !== "")
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n");
}

function isSection(node: Node): boolean {
  return (
    node.properties !== undefined ||
    node.items !== undefined ||
    typeof node.additionalProperties === "object"
  );
}

function section(name: string, node: Node): string[] {
  const variants = node.items?.anyOf;
  const head = [`## ${name}\n`, paragraph(node.description ?? ""), example(name)];
  if (variants !== undefined)
    return [
      ...head,
      ...variants.flatMap((variant) => {
        const protocol = String(variant.properties?.["protocol"]?.const);
        const title = `${name}[] (protocol: ${protocol})`;
        return [`### ${title}\n`, example(title), members(variant, `${name}[]`)];
      }),
    ];
  const inner = typeof node.additionalProperties === "object" ? node.additionalProperties : node;
  const path = inner === node ? name : `${name}.NAME`;
  return [...head, members(inner, path)];
}

function members(node: Node, path: string): string {
  return keys(Object.entries(node.properties ?? {}), node, path);
}

function keys(entries: readonly (readonly [string, Node])[], parent: Node, path: string): string {
  return entries
    .map(([name, node]) => {
      const full = path === "" ? name : `${path}.${name}`;
      const isRequired = parent.required?.includes(name) === true;
      return key(full, node, isRequired) + example(full) + nested(full, node);
    })
    .join("");
}

function nested(path: string, node: Node): string {
  const all = [node, ...(node.anyOf ?? [])];
  const own = all.find(({ properties }) => properties !== undefined);
  if (own !== undefined) return members(own, path);
  const items = all.find((one) => one.items !== undefined)?.items;
  const item = [items, ...(items?.anyOf ?? [])].find((one) => one?.properties !== undefined);
  return item === undefined ? "" : members(item, `${path}[]`);
}

function key(path: string, node: Node, isRequired: boolean): string {
  const facts = [typeOf(node), isRequired ? "required" : defaultOf(node)].filter(
    (fact) => fact !== "",
  );
  return list(`**\`${path}\`** (${facts.join("; ")}): ${node.description ?? ""}`);
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(" or ");
  if (node.pattern?.includes("(ms|s|m|h|d)") === true) return "duration";
  if (node.pattern?.includes("KiB") === true) return "size";
  if (node.type === "array") return `list of ${typeOf(node.items ?? {})}`;
  if (node.type === "object") return "map";
  if (node.type === "integer") return range(node);
  return node.type ?? "value";
}

function range({ minimum, maximum }: Node): string {
  if (minimum === undefined && maximum === undefined) return "whole number";
  return `whole number from ${minimum ?? "any"} to ${maximum ?? "any"}`;
}

function defaultOf(node: Node): string {
  const { default: value } = node;
  if (value === undefined || (typeof value === "object" && Object.keys(value ?? {}).length === 0))
    return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  // A long value is in the schema; here it would hide the rest.
  return text.length > 60 ? "default: see the schema" : `default \`${text}\``;
}

function example(path: string): string {
  const text = configurationExamples[path];
  return text === undefined ? "" : `\n\`\`\`yaml\n${text}\`\`\`\n\n`;
}

function paragraph(text: string): string {
  return text === "" ? "" : `${wrap(text, "", "")}\n`;
}

function list(text: string): string {
  return `${wrap(text.trimEnd().replace(/:$/, ""), "- ", "  ")}\n`;
}

function wrap(text: string, first: string, rest: string): string {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(/\s+/)) {
    const isStart = line === first || line === rest;
    if (!isStart && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest + word;
    } else line += isStart ? word : ` ${word}`;
  }
  return [...lines, line].join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  stdout.write(configurationPage());
