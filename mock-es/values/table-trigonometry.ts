/**
 * Cosine and arc sine from tables with Taylor series between their entries, as Lucene's distances
 * are computed (SloppyMath): the last digits are those of the server.
 */

/** Steps of the table over a whole turn. */
const cosineSteps = 2048;
/** A turn, in a part with few digits and the rest. */
const turn = { high: 6.2831853069365025, low: 2.430840202602477e-10 };
const angleStep = { high: turn.high / cosineSteps, low: turn.low / cosineSteps };
const stepsOfAngle = 1 / (angleStep.high + angleStep.low);

const sines = new Float64Array(cosineSteps + 1);
const cosines = new Float64Array(cosineSteps + 1);
for (let at = 0; at <= cosineSteps; at++) {
  const angle = at * angleStep.high + at * angleStep.low;
  const quarter = cosineSteps / 4;
  // Exactly nothing where it should be.
  sines[at] = at % (2 * quarter) === 0 ? 0 : Math.sin(angle);
  cosines[at] = at % (2 * quarter) === quarter ? 0 : Math.cos(angle);
}

/** The cosine of an angle of at most a few turns. */
export function tableCosine(angle: number): number {
  const positive = Math.abs(angle);
  const step = Math.trunc(positive * stepsOfAngle + 0.5);
  const delta = positive - step * angleStep.high - step * angleStep.low;
  const sine = sines[step & (cosineSteps - 1)] ?? NaN;
  const cosine = cosines[step & (cosineSteps - 1)] ?? NaN;
  return (
    cosine +
    delta *
      (-sine + delta * (-cosine * (1 / 2) + delta * (sine * (1 / 6) + delta * cosine * (1 / 24))))
  );
}

const sineSteps = 8192;
/** Beyond it the series converge too slowly. */
const largestSine = Math.sin((73 / 180) * Math.PI);
const sineStep = largestSine / sineSteps;
const stepsOfSine = 1 / sineStep;

/** The arc sine at each step, and its derivatives over their factorials. */
const series = Array.from({ length: sineSteps + 1 }, (_, at) => {
  const x = at * sineStep;
  const inverse = 1 / (1 - x * x);
  const first = Math.sqrt(inverse);
  const second = first * inverse;
  const third = second * inverse;
  const fourth = third * inverse;
  return [
    Math.asin(x),
    first,
    x * second * (1 / 2),
    (1 + 2 * x * x) * third * (1 / 6),
    (5 + 2 * x * (2 + x * (5 - 2 * x))) * fourth * (1 / 24),
  ] as const;
});

/** The arc sine of a number from 0 to 1. */
export function tableArcSine(x: number): number {
  if (x > largestSine) return Math.asin(x);
  const step = Math.trunc(x * stepsOfSine + 0.5);
  const delta = x - step * sineStep;
  const [value, first, second, third, fourth] = series[step] ?? [NaN, NaN, NaN, NaN, NaN];
  return value + delta * (first + delta * (second + delta * (third + delta * fourth)));
}
