/** Grok: regular expressions with named parts. */
import { illegalArgument, notSupported } from "../es-error.ts";
import { Double } from "../script/values.ts";

/** The patterns that can be named. */
const bank: Readonly<Record<string, string>> = {
  WORD: "\\b\\w+\\b",
  NOTSPACE: "\\S+",
  SPACE: "\\s*",
  DATA: ".*?",
  GREEDYDATA: ".*",
  INT: "[+-]?\\d+",
  BASE10NUM: "[+-]?(?:\\d+(?:\\.\\d+)?|\\.\\d+)",
  NUMBER: "%{BASE10NUM}",
  POSINT: "\\b[1-9]\\d*\\b",
  NONNEGINT: "\\b\\d+\\b",
  USERNAME: "[a-zA-Z0-9._-]+",
  USER: "%{USERNAME}",
  EMAILADDRESS: "[\\w.+=:-]+@%{HOSTNAME}",
  UUID: "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
  MAC: "(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}",
  IPV4: "(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)",
  IPV6: "[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:%\\w+)?",
  IP: "(?:%{IPV4}|%{IPV6})",
  HOSTNAME: "\\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*\\.?",
  HOST: "%{HOSTNAME}",
  IPORHOST: "(?:%{IP}|%{HOSTNAME})",
  HOSTPORT: "%{IPORHOST}:%{POSINT}",
  QUOTEDSTRING: "(?:\"(?:\\\\.|[^\\\\\"])*\"|'(?:\\\\.|[^\\\\'])*')",
  QS: "%{QUOTEDSTRING}",
  URIPROTO: "[A-Za-z][A-Za-z0-9+.-]*",
  URIPATH: "(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+",
  URIPARAM: "\\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\\-\\[\\]<>]*",
  URIPATHPARAM: "%{URIPATH}(?:%{URIPARAM})?",
  URIHOST: "%{IPORHOST}(?::%{POSINT:port})?",
  URI: "%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?",
  PATH: "(?:/[\\w.%!$@:,+~-]*)+",
  UNIXPATH: "%{PATH}",
  YEAR: "\\d{4}|\\d{2}",
  MONTHNUM: "0?[1-9]|1[0-2]",
  MONTHDAY: "0[1-9]|[12]\\d|3[01]|[1-9]",
  MONTH: "\\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\\b",
  DAY: "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*",
  HOUR: "2[0123]|[01]?\\d",
  MINUTE: "[0-5]\\d",
  SECOND: "(?:[0-5]?\\d|60)(?:[:.,]\\d+)?",
  TIME: "(?:%{HOUR}):(?:%{MINUTE})(?::%{SECOND})?",
  ISO8601_TIMEZONE: "Z|[+-](?:%{HOUR})(?::?%{MINUTE})",
  TIMESTAMP_ISO8601:
    "(?:%{YEAR})-(?:%{MONTHNUM})-(?:%{MONTHDAY})[T ](?:%{HOUR}):?(?:%{MINUTE})(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?",
  SYSLOGTIMESTAMP: "%{MONTH} +(?:%{MONTHDAY}) %{TIME}",
  HTTPDATE: "(?:%{MONTHDAY})/%{MONTH}/(?:%{YEAR}):%{TIME} [+-]?\\d+",
  PROG: "[!-Z\\\\^-~]+",
  LOGLEVEL:
    "(?:[Tt]race|TRACE|[Dd]ebug|DEBUG|[Nn]otice|NOTICE|[Ii]nfo?(?:rmation)?|INFO?(?:RMATION)?|[Ww]arn?(?:ing)?|WARN?(?:ING)?|[Ee]rr?(?:or)?|ERR?(?:OR)?|[Cc]rit?(?:ical)?|CRIT?(?:ICAL)?|[Ff]atal|FATAL|[Ss]evere|SEVERE|EMERG(?:ENCY)?|[Ee]merg(?:ency)?)",
};

/** A pattern, ready to be tried. */
interface CompiledGrok {
  readonly expression: RegExp;
  /** Field and type of each part that is kept. */
  readonly parts: readonly { readonly field: string; readonly type: string }[];
}

const wordClass = String.raw`[\p{L}\p{M}\p{N}\p{Pc}]`;
const boundary = `(?:(?<=${wordClass})(?!${wordClass})|(?<!${wordClass})(?=${wordClass}))`;

/** Words end where those of Unicode end; `\w` is of ASCII, as in Oniguruma. */
function withUnicode(source: string): string {
  let isInClass = false;
  return source.replaceAll(/\\.|[[\]]/gs, (token) => {
    if (token.length === 1) isInClass = token === "[";
    if (token === "\\b" && !isInClass) return boundary;
    // Escapes that mean the character itself, and that JavaScript does not take.
    return /^\\[^\w^$\\.*+?()[\]{}|/-]/u.test(token) ? token.slice(1) : token;
  });
}

/** Deepest that patterns may name each other. */
const maxDepth = 20;

/**
 * Compiles a pattern.
 *
 * @throws {EsError} 400 for a pattern that is not known
 */
function compileGrok(pattern: string, own: Readonly<Record<string, string>>): CompiledGrok {
  const parts: { field: string; type: string }[] = [];
  const expand = (text: string, depth: number): string => {
    if (depth > maxDepth) throw illegalArgument(`circular reference in pattern [${text}]`);
    return text.replaceAll(
      /%\{(\w+)(?::([\w.@[\]-]+))?(?::(\w+))?\}/g,
      (_, name: string, field: string | undefined, type: string | undefined) => {
        const found = Object.hasOwn(own, name)
          ? own[name]
          : Object.hasOwn(bank, name)
            ? bank[name]
            : undefined;
        if (found === undefined) throw notSupported(`the grok pattern [${name}]`);
        if (field === undefined) return `(?:${expand(found, depth + 1)})`;
        parts.push({ field, type: type ?? "string" });
        return `(?<part${parts.length - 1}>${expand(found, depth + 1)})`;
      },
    );
  };
  const source = expand(pattern, 0).replaceAll(
    /\(\?<([A-Za-z_][\w.]*)>/g,
    (whole, name: string) => {
      if (/^part\d+$/.test(name)) return whole;
      parts.push({ field: name, type: "string" });
      return `(?<part${parts.length - 1}>`;
    },
  );
  try {
    return { expression: new RegExp(withUnicode(source), "su"), parts };
  } catch {
    throw notSupported(`the grok pattern [${pattern}]`);
  }
}

/** A part of a text that a pattern gives a name. */
export interface GrokPart {
  readonly field: string;
  /** `string` where the pattern says none. */
  readonly type: string;
  readonly text: string;
}

/**
 * Compiles patterns; the first that fits gives the parts of a text in their order, `undefined` when
 * none does.
 *
 * @throws {EsError} 400 for a pattern that is not known
 */
export function createGrokParts(
  patterns: readonly string[],
  own: Readonly<Record<string, string>>,
): (text: string) => readonly GrokPart[] | undefined {
  const compiled = patterns.map((pattern) => compileGrok(pattern, own));
  return (text) => {
    for (const { expression, parts } of compiled) {
      const found = expression.exec(text);
      if (found === null) continue;
      return parts.flatMap(({ field, type }, at) => {
        const value = found.groups?.[`part${at}`];
        return value === undefined ? [] : [{ field, type, text: value }];
      });
    }
    return undefined;
  };
}

/** As {@link createGrokParts}: values by the names of fields, of which the last one counts. */
export function createGrok(
  patterns: readonly string[],
  own: Readonly<Record<string, string>>,
): (text: string) => ReadonlyMap<string, unknown> | undefined {
  const read = createGrokParts(patterns, own);
  return (text) => {
    const parts = read(text);
    return parts && new Map(parts.map((part) => [part.field, typed(part.text, part.type)]));
  };
}

function typed(text: string, type: string): unknown {
  if (type === "int" || type === "long") return Math.trunc(Number(text));
  if (type === "float" || type === "double") return new Double(Number(text));
  return type === "boolean" ? text === "true" : text;
}
