/**
 * A finite automaton over code points, matched by following all of its states at once: the time is
 * the product of text and pattern length whatever the pattern, so that no pattern of a client can
 * stall the server.
 */
export interface Automaton {
  /** True when the whole text is accepted. */
  matches(text: string): boolean;
  /** The states at the start, all of those that are reached without a character. */
  start(): readonly number[];
  /** The states behind a character. */
  after(states: readonly number[], codePoint: number): readonly number[];
  /** True when a text that leads to these states is accepted. */
  isEnd(states: readonly number[]): boolean;
}

/** A regular expression as a tree. */
export type Pattern =
  | { readonly kind: "empty" }
  | { readonly kind: "one"; readonly accepts: (codePoint: number) => boolean }
  | { readonly kind: "sequence"; readonly parts: readonly Pattern[] }
  | { readonly kind: "either"; readonly parts: readonly Pattern[] }
  | { readonly kind: "repeat"; readonly part: Pattern; readonly from: number; readonly to: number };

/** Patterns that would need more states are refused, as Elasticsearch refuses too complex ones. */
export const MAX_STATES = 10_000;

/** Matches any one character. */
export const anyOne: Pattern = { kind: "one", accepts: () => true };

/** Matches one given code point. */
export function literal(codePoint: number): Pattern {
  return { kind: "one", accepts: (candidate) => candidate === codePoint };
}

interface State {
  readonly accepts: ((codePoint: number) => boolean) | undefined;
  readonly next: number[];
}

/** Builds the automaton; `undefined` when it would need more than {@link MAX_STATES} states. */
export function createAutomaton(pattern: Pattern): Automaton | undefined {
  const states: State[] = [];
  const end = addState(states);
  const start = build(states, pattern, end);
  if (start === undefined) return undefined;
  return {
    matches: (text) => run(states, start, end, text),
    start: () => closure(states, end, [start]),
    after: (from, codePoint) =>
      closure(
        states,
        end,
        from.flatMap((at) => {
          const state = states[at];
          return state?.accepts?.(codePoint) === true ? [state.next[0] ?? end] : [];
        }),
      ),
    isEnd: (reached) => reached.includes(end),
  };
}

/** States that some lead to without a character, in order. */
function closure(states: readonly State[], end: number, from: readonly number[]): number[] {
  const found = new Set<number>();
  const pending = [...from];
  const seen = new Set<number>();
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const state = states[at];
    if (state === undefined || seen.has(at)) continue;
    seen.add(at);
    if (state.accepts !== undefined || at === end) found.add(at);
    else pending.push(...state.next);
  }
  return [...found].sort((a, b) => a - b);
}

function addState(
  states: State[],
  accepts?: (codePoint: number) => boolean,
  ...next: number[]
): number {
  return states.push({ accepts, next }) - 1;
}

/** Adds the states of a pattern that leads to `end` and returns its first state. */
function build(states: State[], pattern: Pattern, end: number): number | undefined {
  if (states.length > MAX_STATES) return undefined;
  switch (pattern.kind) {
    case "empty":
      return end;
    case "one":
      return addState(states, pattern.accepts, end);
    case "sequence": {
      let first: number | undefined = end;
      for (const part of pattern.parts.toReversed()) {
        if (first === undefined) return undefined;
        first = build(states, part, first);
      }
      return first;
    }
    case "either": {
      const starts = pattern.parts.map((part) => build(states, part, end));
      return starts.includes(undefined)
        ? undefined
        : addState(states, undefined, ...starts.filter((at) => at !== undefined));
    }
    case "repeat":
      return buildRepeat(states, pattern, end);
  }
}

function buildRepeat(
  states: State[],
  pattern: Pattern & { kind: "repeat" },
  end: number,
): number | undefined {
  let first: number | undefined = end;
  if (pattern.to === Infinity) {
    const loop = addState(states, undefined, end);
    const body = build(states, pattern.part, loop);
    if (body === undefined) return undefined;
    states[loop]?.next.push(body);
    first = loop;
  } else {
    for (let count = pattern.from; count < pattern.to; count++) {
      const body: number | undefined = build(states, pattern.part, first);
      if (body === undefined) return undefined;
      first = addState(states, undefined, body, end);
    }
  }
  for (let count = 0; count < pattern.from; count++) {
    if (first === undefined) return undefined;
    first = build(states, pattern.part, first);
  }
  return first;
}

function run(states: readonly State[], start: number, end: number, text: string): boolean {
  const seen = new Uint32Array(states.length);
  let step = 1;
  let current: number[] = [];
  const enter = (list: number[], first: number): void => {
    const pending = [first];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const state = states[at];
      if (state === undefined || seen[at] === step) continue;
      seen[at] = step;
      if (state.accepts !== undefined || at === end) list.push(at);
      else pending.push(...state.next);
    }
  };
  enter(current, start);
  for (let at = 0; at < text.length && current.length > 0;) {
    const codePoint = text.codePointAt(at) ?? 0;
    at += codePoint > 0xffff ? 2 : 1;
    step++;
    const following: number[] = [];
    for (const from of current) {
      const state = states[from];
      if (state?.accepts?.(codePoint) === true) enter(following, state.next[0] ?? end);
    }
    current = following;
  }
  return current.includes(end);
}
