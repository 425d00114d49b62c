/** A table of any length: only the rows that can be seen are in the document. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { Row } from "./api.ts";
import { cellText } from "./format.ts";

interface RowTableProps {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
  /** The last row can be seen. */
  readonly onEnd: () => void;
  /** Another number: what `onEnd` has asked for may be asked for again. */
  readonly attempts: number;
}

/** Pixels; as in the style sheet. */
const rowHeight = 28;
/** Rows above and below those that can be seen. */
const margin = 10;
const shownColumns = [
  "time",
  "user",
  "source",
  "action",
  "index",
  "method",
  "url",
  "status",
  "ms",
  "out",
  "docs",
] as const;
const right = new Set<string>(["status", "ms", "out", "docs"]);

export function RowTable({ columns, rows, selected, onSelect, onEnd, attempts }: RowTableProps) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const at = new Map(columns.map((name, place) => [name, place]));
  const idAt = at.get("id") ?? 1;
  const first = Math.max(0, Math.floor(top / rowHeight) - margin);
  const last = Math.min(rows.length, Math.ceil((top + height) / rowHeight) + margin);
  useEffect(() => {
    if (rows.length > 0 && last === rows.length) onEnd();
  }, [last, rows.length, attempts]);
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const place = rows.findIndex((row) => row[idAt] === selected);
    const next = Math.max(0, Math.min(rows.length - 1, place + step));
    const id = rows[next]?.[idAt];
    if (typeof id === "string") onSelect(id);
    const element = box.current;
    if (element === null) return;
    const y = next * rowHeight;
    if (y < element.scrollTop) element.scrollTop = y;
    if (y + 2 * rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = y + 2 * rowHeight - element.clientHeight;
  };
  return (
    <div
      class="rows"
      ref={box}
      tabIndex={0}
      role="grid"
      aria-rowcount={rows.length}
      aria-label="Exchanges, the youngest first"
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={move}
    >
      <div class="row head" role="row">
        {shownColumns.map((name) => (
          <span role="columnheader" class={`c-${name}${right.has(name) ? " right" : ""}`}>
            {name}
          </span>
        ))}
      </div>
      <div class="space" ref={(element) => setBlockSize(element, rows.length * rowHeight)}>
        <div class="window" ref={(element) => setShift(element, first * rowHeight)}>
          {rows.slice(first, last).map((row, offset) => {
            const id = row[idAt];
            const isSelected = id !== null && id === selected;
            return (
              <div
                key={typeof id === "string" && id !== "" ? id : `${first + offset}`}
                class={`row${isSelected ? " selected" : ""}`}
                role="row"
                aria-rowindex={first + offset + 1}
                aria-selected={isSelected}
                onClick={() => typeof id === "string" && onSelect(id)}
              >
                {shownColumns.map((name) => (
                  <span role="gridcell" class={classOf(name, row[at.get(name) ?? -1])}>
                    <Content name={name} row={row} at={at} />
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface ContentProps {
  readonly name: string;
  readonly row: Row;
  readonly at: ReadonlyMap<string, number>;
}

function Content({ name, row, at }: ContentProps) {
  const textOf = (column: string): string => cellText(column, row[at.get(column) ?? -1]);
  const text = textOf(name);
  if (name === "time") return <Time text={text} />;
  // Where there is no room for the action, it stands for an address that there is not.
  if (name === "url" && text === "") return <span class="instead">{textOf("action")}</span>;
  return <>{text}</>;
}

/** The date gives way where there is little room. */
function Time({ text }: { readonly text: string }) {
  return (
    <>
      <span class="date">{text.slice(0, 11)}</span>
      {text.slice(11)}
    </>
  );
}

function classOf(name: string, value: unknown): string {
  const base = right.has(name) ? `c-${name} right` : `c-${name}`;
  if (name !== "status" || typeof value !== "number") return base;
  if (value >= 500) return `${base} bad`;
  return `${base} ${value >= 400 ? "warn" : "good"}`;
}

/** By the object model: the content security policy allows no style in the document. */
function setBlockSize(element: HTMLElement | null, pixels: number): void {
  if (element !== null) element.style.height = `${pixels}px`;
}

function setShift(element: HTMLElement | null, pixels: number): void {
  if (element !== null) element.style.transform = `translateY(${pixels}px)`;
}
