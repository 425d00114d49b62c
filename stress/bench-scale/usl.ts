/** What a fit of the Universal Scalability Law says, N. Gunther's X(N). */
export interface Usl {
  /** Requests per second of one worker. */
  readonly lambda: number;
  /** Share of the work that waits for others. */
  readonly sigma: number;
  /** Cost of keeping in step, for each pair of workers. */
  readonly kappa: number;
}

/** A number of workers, and the requests per second that they could answer. */
export interface ScaleSample {
  readonly workers: number;
  readonly perSecond: number;
}

/**
 * Fits X(N) = λN / (1 + σ(N − 1) + κN(N − 1)) by least squares on N/X, in which it is linear, with
 * σ and κ not below 0: of the fits with both, one or none of them the best without a negative one.
 *
 * @throws {RangeError} with fewer than three numbers of workers: then it is not determined.
 */
export function fitUsl(samples: readonly ScaleSample[]): Usl {
  if (new Set(samples.map(({ workers }) => workers)).size < 3)
    throw new RangeError("a fit needs three numbers of workers");
  const fits = [
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ]
    .map(([hasSigma = false, hasKappa = false]) => fitWith(samples, hasSigma, hasKappa))
    .filter(({ sigma, kappa }) => sigma >= 0 && kappa >= 0);
  const errors = fits.map((fit) =>
    samples.reduce(
      (sum, { workers, perSecond }) =>
        sum + (workers / perSecond - workers / uslRate(fit, workers)) ** 2,
      0,
    ),
  );
  const best = fits[errors.indexOf(Math.min(...errors))];
  if (best === undefined) throw new RangeError("the samples are no numbers");
  return best;
}

function fitWith(samples: readonly ScaleSample[], hasSigma: boolean, hasKappa: boolean): Usl {
  const rows = samples.map(({ workers: n, perSecond }) => ({
    x: [1, ...(hasSigma ? [n - 1] : []), ...(hasKappa ? [n * (n - 1)] : [])],
    y: n / perSecond,
  }));
  const sumOf = (pick: (row: { x: number[]; y: number }) => number): number =>
    rows.reduce((sum, row) => sum + pick(row), 0);
  const columns = rows[0]?.x.map((_, column) => column) ?? [];
  const [a = 0, b = 0, c = 0] = solve(
    columns.map((i) => [
      ...columns.map((j) => sumOf(({ x }) => (x[i] ?? 0) * (x[j] ?? 0))),
      sumOf(({ x, y }) => (x[i] ?? 0) * y),
    ]),
  );
  return {
    lambda: 1 / a,
    sigma: hasSigma ? b / a : 0,
    kappa: hasKappa ? (hasSigma ? c : b) / a : 0,
  };
}

/** What a fit expects of so many workers, in requests per second. */
export function uslRate({ lambda, sigma, kappa }: Usl, workers: number): number {
  return (lambda * workers) / (1 + sigma * (workers - 1) + kappa * workers * (workers - 1));
}

/** Gauss-Jordan with pivots; each row holds the coefficients and the right side. */
function solve(rows: number[][]): number[] {
  for (let column = 0; column < rows.length; column += 1) {
    const rest = rows.slice(column).map((row) => Math.abs(row[column] ?? 0));
    const best = column + rest.indexOf(Math.max(...rest));
    const [pivot = [], other = []] = [rows[best], rows[column]];
    rows[best] = other;
    const scale = pivot[column] ?? 1;
    const normed = pivot.map((value) => value / scale);
    rows[column] = normed;
    for (let line = 0; line < rows.length; line += 1) {
      const row = rows[line];
      if (line === column || row === undefined) continue;
      const factor = row[column] ?? 0;
      rows[line] = row.map((value, at) => value - factor * (normed[at] ?? 0));
    }
  }
  return rows.map((row) => row.at(-1) ?? 0);
}
