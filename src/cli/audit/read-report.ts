/** Tells on stderr what is wrong with a trail that is read. */
import { countText } from "../../core/count-text.ts";
import { numberAt, textAt, type AuditDocument } from "../../audit/format/audit-document.ts";
import type { ReadListener, ReadProblem } from "../../audit/read/read-problem.ts";
import { toOneLine } from "../../config/diagnostic.ts";

/** More would hide the rest. */
const maxShown = 20;
/** Most bodies that are not searched are so for the same reason. */
const maxBodies = 3;

/** Collects problems and gaps, and prints them in the end. */
export class ReadReport implements ReadListener {
  readonly #problems: ReadProblem[] = [];
  readonly #gaps: AuditDocument[] = [];
  readonly #notices: string[] = [];
  /** Segments that were not read, and why. */
  readonly #locked = new Map<string, string>();
  readonly #unsearched = new UnsearchedBodies();

  problem(problem: ReadProblem): void {
    if (problem.kind === "encrypted") this.#locked.set(problem.segment, problem.message);
    else if (problem.kind === "unsearched") this.#unsearched.add(problem.message);
    else this.#problems.push(problem);
  }

  gap(document: AuditDocument): void {
    this.#gaps.push(document);
  }

  /** An index that is not used: the answer is the same without it. */
  readonly indexNotice = (segment: string, reason: string): void => {
    this.#notices.push(`${segment}: its index is not used: ${reason}`);
  };

  /** Something else to know of the answer. */
  notice(text: string): void {
    this.#notices.push(text);
  }

  /** Something could not be read, so the result may lack it. */
  get isIncomplete(): boolean {
    if (this.#locked.size > 0 || this.#unsearched.count > 0) return true;
    return this.#problems.some(({ kind }) => kind !== "torn");
  }

  /** Prints what was told so far; what the trail itself says is missing comes last. */
  print(): void {
    const lines = this.#problems.map(
      ({ segment, offset, message }) => `${segment} at ${offset}: ${message}`,
    );
    if (this.#locked.size > 0) lines.unshift(lockedText(this.#locked));
    lines.unshift(...this.#unsearched.lines());
    lines.push(...this.#gaps.map(gapText), ...this.#notices);
    const { stderr } = process;
    for (const line of lines.slice(0, maxShown)) stderr.write(`${toOneLine(line)}\n`);
    if (lines.length > maxShown) stderr.write(`and ${lines.length - maxShown} more\n`);
  }
}

/** Bodies that the filter asks for, and that could not be searched. */
class UnsearchedBodies {
  readonly #first: string[] = [];
  count = 0;

  add(message: string): void {
    this.count += 1;
    if (this.#first.length < maxBodies) this.#first.push(message);
  }

  lines(): readonly string[] {
    const rest = this.count - this.#first.length;
    return rest === 0
      ? this.#first
      : [...this.#first, `nor were ${countText(rest, "body", "bodies")} more searched`];
  }
}

/** `12 segments were not read (the first: …, the last: …): they are encrypted; …`. */
function lockedText(locked: ReadonlyMap<string, string>): string {
  const names = [...locked.keys()];
  const [[first = "", reason = ""] = []] = locked;
  if (names.length === 1) return `${first} was not read: ${reason}`;
  return `${names.length} segments were not read, ${first} to ${names.at(-1)}: ${reason}`;
}

/** `gap: 12 records missing, 08:15 to 08:16: ENOSPC`. */
export function gapText(document: AuditDocument): string {
  const records = numberAt(document, "es_proxy.gap.records") ?? 0;
  const [from, to] = ["event.start", "event.end"].map((path) =>
    (textAt(document, path) ?? "").replace("T", " ").slice(0, 19),
  );
  const reason = textAt(document, "event.reason") ?? "";
  return `gap: ${countText(records, "record")} missing, ${from} to ${to} UTC: ${reason}`;
}
