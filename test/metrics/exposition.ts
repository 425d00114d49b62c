/** One line of values in the text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with its samples. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: Sample[];
}

const sampleLine =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|\+Inf|-Inf|NaN)$/;
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/**
 * Reads the Prometheus text format 0.0.4, strictly: one HELP and one TYPE before the samples of a
 * family, families in one piece, no series twice, cumulative buckets that end with `+Inf` and agree
 * with the count.
 *
 * @throws {Error} naming the line that breaks a rule
 */
export function parseExposition(text: string): Family[] {
  if (!text.endsWith("\n")) throw new Error("the last line has no line feed");
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current: Family | undefined;
  let help: RegExpExecArray | null = null;
  for (const [index, line] of text.slice(0, -1).split("\n").entries()) {
    const fail = (why: string): never => {
      throw new Error(`line ${index + 1}: ${why}: ${line}`);
    };
    if (line.startsWith("# HELP ")) {
      help =
        /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\[\\n])+)$/.exec(line) ??
        fail("not a HELP line");
    } else if (line.startsWith("# TYPE ")) {
      const [, name = "", type = ""] =
        /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$/.exec(line) ??
        fail("not a TYPE line");
      if (help?.[1] !== name) fail("TYPE without its HELP before it");
      if (families.has(name)) fail("a family in two pieces");
      current = { name, help: help?.[2] ?? "", type, samples: [] };
      families.set(name, current);
    } else {
      const [, name = "", labelText = "", value = ""] =
        sampleLine.exec(line) ?? fail("not a sample");
      if (current === undefined) return fail("a sample before any family");
      const suffixes = current.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
      if (!suffixes.some((suffix) => name === `${current?.name}${suffix}`))
        fail(`not part of ${current.name}`);
      const labels = labelsOf(labelText) ?? fail("labels are not well formed");
      const key = JSON.stringify([name, Object.entries(labels).sort()]);
      if (seen.has(key)) fail("a series twice");
      seen.add(key);
      current.samples.push({ name, labels, value: numberOf(value) });
    }
  }
  for (const family of families.values()) if (family.type === "histogram") checkHistogram(family);
  return [...families.values()];
}

function labelsOf(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < text.length) {
    const match = labelPair.exec(text);
    if (match === null) return undefined;
    const [, name = "", value = ""] = match;
    if (Object.hasOwn(labels, name)) return undefined;
    labels[name] = value.replaceAll(/\\(.)/g, (_, letter: string) =>
      letter === "n" ? "\n" : letter,
    );
  }
  return labels;
}

function numberOf(text: string): number {
  if (text === "+Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}

function checkHistogram({ name, samples }: Family): void {
  const series = Map.groupBy(samples, ({ labels: { le: _le, ...rest } }) => JSON.stringify(rest));
  for (const [labels, own] of series) {
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map((sample) => numberOf(sample.labels["le"] ?? "NaN"));
    const counts = buckets.map(({ value }) => value);
    const isRising = (values: number[]): boolean =>
      values.every((value, at) => at === 0 || value >= (values[at - 1] ?? 0));
    if (!isRising(bounds) || !isRising(counts))
      throw new Error(`${name} ${labels}: buckets do not rise`);
    if (bounds.at(-1) !== Infinity)
      throw new Error(`${name} ${labels}: the last bucket is not +Inf`);
    const count = own.find((sample) => sample.name === `${name}_count`)?.value;
    if (count !== counts.at(-1))
      throw new Error(`${name} ${labels}: the count is not that of the last bucket`);
    if (!own.some((sample) => sample.name === `${name}_sum`))
      throw new Error(`${name} ${labels}: no sum`);
  }
}
