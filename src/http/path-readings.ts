/**
 * The ways in which servers read the path of a request target. A proxy whose policy hangs on the
 * path must not choose one reading where the server behind it may choose another: CWE-436.
 */

const slash = 0x2f;
const dot = 0x2e;
const question = 0x3f;

/**
 * Characters of all readings of one path together. A longer path with so many readings costs more
 * CPU than a plain one by a factor that a client could use against everybody else.
 */
const maxReadingChars = 65_536;

/** Choices in which the readings differ. */
interface Reading {
  /** `%2f` separates segments. */
  readonly splitsEscapedSlash: boolean;
  /** `\` and `%5c` separate segments. */
  readonly splitsBackslash: boolean;
  readonly decodes: boolean;
  /** What follows a `;` belongs to no name. */
  readonly dropsParameters: boolean;
  /** `.` and `..` are resolved. */
  readonly removesDots: boolean;
  readonly mergesSlashes: boolean;
}

/**
 * Where the path of a target ends that can be read in one way only; -1: {@link pathReadings} must
 * read it.
 */
export function plainPathEnd(target: string): number {
  let previous = 0;
  for (let i = 0; i < target.length; i += 1) {
    const code = target.charCodeAt(i);
    if (code === question) return i;
    // %, ;, backslash; an empty segment, or one that begins with a dot; an absolute-form target.
    if (
      code === 0x25 ||
      code === 0x3b ||
      code === 0x5c ||
      (previous === slash && (code === slash || code === dot)) ||
      (i === 0 && code !== slash)
    )
      return -1;
    previous = code;
  }
  return target.length;
}

/**
 * All readings of the path of a target, each as its segments. The first one is Elasticsearch's:
 * split at `/`, each segment decoded once, nothing else removed. `undefined`: there are too many
 * for a path of this length, so it may be read as any path.
 *
 * @param target origin-form or absolute-form, one char per byte
 */
export function pathReadings(target: string): string[][] | undefined {
  const readings = new Map<string, string[]>();
  let chars = 0;
  for (const path of decodings(pathOf(target))) {
    const choices = choicesOf(path);
    chars += path.length * choices.length;
    if (chars > maxReadingChars) return undefined;
    for (const choice of choices) {
      const segments = read(path, choice);
      const key = segments.join("\0");
      if (!readings.has(key)) readings.set(key, segments);
    }
  }
  return [...readings.values()];
}

/** The path, and what it is to those who decode it more than once: `%252e` is `%2e`, too. */
function decodings(path: string): string[] {
  const paths = [path];
  while (paths.length <= maxDecodings) {
    const last = paths.at(-1) ?? "";
    const next = last.replaceAll(escapedEscape, "%");
    if (next === last) break;
    paths.push(next);
  }
  return paths;
}

/** As often as the encodings of secrets are undone. */
const maxDecodings = 4;
const escapedEscape = /%25(?=[0-9A-Fa-f]{2})/g;

/** The path of a target without its query, and without scheme and authority (RFC 9112 §3.2.2). */
function pathOf(target: string): string {
  const queryAt = target.indexOf("?");
  const path = queryAt === -1 ? target : target.slice(0, queryAt);
  if (path.startsWith("/")) return path;
  const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(path)?.[0] ?? "";
  return path.slice(authority.length);
}

/** The choices that make a difference for this path; the first one is Elasticsearch's. */
function choicesOf(path: string): Reading[] {
  const hasEscape = path.includes("%");
  let choices: Reading[] = [
    {
      splitsEscapedSlash: false,
      splitsBackslash: false,
      decodes: true,
      dropsParameters: false,
      removesDots: false,
      mergesSlashes: false,
    },
  ];
  const either = (name: keyof Reading, isPossible: boolean): void => {
    if (isPossible)
      choices = choices.flatMap((choice) => [choice, { ...choice, [name]: !choice[name] }]);
  };
  either("decodes", hasEscape);
  either("splitsEscapedSlash", /%2f/i.test(path));
  either("splitsBackslash", /\\|%5c/i.test(path));
  either("dropsParameters", /;|%3b/i.test(path));
  // Dots and empty segments may come to light only when the path is split in another way.
  either("removesDots", /\.|%2e/i.test(path));
  either("mergesSlashes", /\/\/|[/\\;]|%2f|%5c|%3b/i.test(path.slice(1)));
  return choices;
}

function read(path: string, choice: Reading): string[] {
  const separators = choice.splitsEscapedSlash ? path.replaceAll(/%2f/gi, "/") : path;
  const parts = (
    choice.splitsBackslash ? separators.replaceAll(/\\|%5c/gi, "/") : separators
  ).split("/");
  // The slash in front of the first segment, and those behind the last one.
  if (parts[0] === "") parts.shift();
  while (parts.at(-1) === "") parts.pop();
  const segments: string[] = [];
  for (const part of parts) {
    const name = nameOf(choice.decodes ? decodeOnce(part) : part, choice);
    if (name === "" && choice.mergesSlashes) continue;
    if (choice.removesDots && name === ".") continue;
    if (choice.removesDots && name === "..") segments.pop();
    else segments.push(name);
  }
  return segments;
}

function nameOf(segment: string, choice: Reading): string {
  if (!choice.dropsParameters) return segment;
  const at = segment.search(/;|%3b/i);
  return at === -1 ? segment : segment.slice(0, at);
}

/**
 * One char per byte, as the target itself: no sequence of bytes can make the whole segment
 * unreadable. Escapes that are none stay as they are.
 */
function decodeOnce(text: string): string {
  if (!text.includes("%")) return text;
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
