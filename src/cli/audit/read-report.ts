/** Tells on stderr what is wrong with a trail that is read. */
import { numberAt, textAt, type AuditDocument } from "../../audit/format/audit-document.ts";
import type { ReadListener, ReadProblem } from "../../audit/read/read-problem.ts";
import { toOneLine } from "../../config/diagnostic.ts";

/** More would hide the rest. */
const maxShown = 20;

/** Collects problems and gaps, and prints them in the end. */
export class ReadReport implements ReadListener {
  readonly #problems: ReadProblem[] = [];
  readonly #gaps: AuditDocument[] = [];
  readonly #notices: string[] = [];

  problem(problem: ReadProblem): void {
    this.#problems.push(problem);
  }

  gap(document: AuditDocument): void {
    this.#gaps.push(document);
  }

  /** An index that is not used: the answer is the same without it. */
  readonly indexNotice = (segment: string, reason: string): void => {
    this.#notices.push(`${segment}: its index is not used: ${reason}`);
  };

  /** Something could not be read, so the result may lack it. */
  get isIncomplete(): boolean {
    return this.#problems.some(({ kind }) => kind !== "torn");
  }

  /** Prints what was told so far; what the trail itself says is missing comes last. */
  print(): void {
    const lines = this.#problems.map(
      ({ segment, offset, message }) => `${segment} at ${offset}: ${message}`,
    );
    lines.push(...this.#gaps.map(gapText), ...this.#notices);
    const { stderr } = process;
    for (const line of lines.slice(0, maxShown)) stderr.write(`${toOneLine(line)}\n`);
    if (lines.length > maxShown) stderr.write(`and ${lines.length - maxShown} more\n`);
  }
}

/** `gap: 12 records are missing, 08:15 to 08:16: ENOSPC`. */
export function gapText(document: AuditDocument): string {
  const records = numberAt(document, "es_proxy.gap.records") ?? 0;
  const [from, to] = ["event.start", "event.end"].map((path) =>
    (textAt(document, path) ?? "").replace("T", " ").slice(0, 19),
  );
  const reason = textAt(document, "event.reason") ?? "";
  return `gap: ${records} records are missing, ${from} to ${to} UTC: ${reason}`;
}
