/** Bars over time: how many, and how many of them failed; dragging chooses a time. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

import type { Timeline } from "./api.ts";
import { countText, timeText } from "./format.ts";

interface TimelineChartProps {
  readonly timeline: Timeline;
  readonly onZoom: (sinceMs: number, untilMs: number) => void;
}

/** Pixels. */
const chartHeight = 120;

export function TimelineChart({ timeline, onZoom }: TimelineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const make = (): void => {
      chart.current?.destroy();
      chart.current = new uPlot(optionsOf(element.clientWidth, zoom), dataOf(timeline), element);
    };
    make();
    const observer = new ResizeObserver(() =>
      chart.current?.setSize({ width: element.clientWidth, height: chartHeight }),
    );
    observer.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", make);
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", make);
      chart.current?.destroy();
    };
  }, []);
  useEffect(() => chart.current?.setData(dataOf(timeline)), [timeline]);
  const total = timeline.counts.reduce((sum, count) => sum + count, 0);
  const failures = timeline.failures.reduce((sum, count) => sum + count, 0);
  const documents = timeline.documents.reduce((sum, count) => sum + count, 0);
  const [first, last] = [timeline.times[0], timeline.times.at(-1)];
  const words =
    first === undefined
      ? "no exchanges"
      : `${countText(total)} exchanges, ${countText(failures)} failed, ` +
        `${countText(documents)} documents in answers, ` +
        `from ${timeText(first)} to ${timeText(last)}`;
  return (
    <>
      <ul class="legend" aria-hidden="true">
        <li class="exchanges">exchanges</li>
        <li class="failures">failed</li>
        <li class="documents">documents in answers</li>
      </ul>
      <div class="timeline" ref={box} role="img" aria-label={words} />
    </>
  );
}

function dataOf({ times, counts, failures, documents }: Timeline): uPlot.AlignedData {
  return [times.map((time) => time / 1000), [...counts], [...failures], [...documents]];
}

function optionsOf(
  width: number,
  zoom: { readonly current: TimelineChartProps["onZoom"] },
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const bars = uPlot.paths.bars?.({ size: [0.9, 40], align: 1 });
  const series = (label: string, fill: string): uPlot.Series => ({
    label,
    fill,
    stroke: fill,
    width: 0,
    points: { show: false },
    ...(bars === undefined ? {} : { paths: bars }),
  });
  const axis: uPlot.Axis = {
    stroke: color("muted"),
    grid: { stroke: color("line"), width: 1, filter: within },
    filter: within,
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  return {
    width,
    height: chartHeight,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { range: wholeIntervals },
      y: { range: fromZero },
      documents: { range: fromZero },
    },
    series: [
      {},
      series("exchanges", color("accent")),
      series("failed", color("bad")),
      documentLine(color("documents")),
    ],
    axes: [
      { ...axis, size: 24, space: Math.min(110, width / 4), values: instants },
      { ...axis, size: 48, incrs: wholeSteps },
      {
        ...axis,
        incrs: wholeSteps,
        scale: "documents",
        // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- it exists in types only
        side: 1,
        size: 56,
        stroke: color("documents"),
        grid: { show: false },
      },
    ],
    hooks: {
      setSelect: [
        (chart) => {
          const { left, width: chosen } = chart.select;
          if (chosen < 4) return;
          zoom.current(
            Math.floor(chart.posToVal(left, "x") * 1000),
            Math.ceil(chart.posToVal(left + chosen, "x") * 1000),
          );
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Documents in the answers: a line, because they have a measure of their own. */
function documentLine(stroke: string): uPlot.Series {
  const paths = uPlot.paths.stepped?.({ align: 1 });
  return {
    label: "documents",
    scale: "documents",
    stroke,
    width: 1.5,
    points: { show: false },
    ...(paths === undefined ? {} : { paths }),
  };
}

/**
 * Bars begin where their interval does: there is room for the last one. A single bar gets a second:
 * uPlot would have 86,400,000 s for it (`autoScaleX` in uPlot's uPlot.js).
 */
function wholeIntervals(chart: uPlot, low: number, high: number): [number, number] {
  const [first = 0, second] = chart.data[0] ?? [];
  if (chart.data[0]?.length === 1) return [first, first + 1];
  return [low, high + ((second ?? first + 1) - first)];
}

/** In a narrow window uPlot places an instant behind the end. */
function within(chart: uPlot, splits: number[], axis: number): (number | null)[] {
  const { max } = chart.scales[chart.axes[axis]?.scale ?? "x"] ?? {};
  return splits.map((split) => (max !== undefined && split > max ? null : split));
}

/** Between ticks: there is no half of an exchange. */
const wholeSteps = Array.from({ length: 13 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();

function fromZero(_chart: uPlot, _low: number, high: number): [number, number] {
  return [0, Math.max(1, high * 1.1)];
}

/** As much of each instant as tells it from the others. */
function instants(
  _chart: uPlot,
  seconds: number[],
  _axis: number,
  _space: number,
  step: number,
): string[] {
  const end = step >= 86_400 ? 10 : step >= 60 ? 16 : step >= 1 ? 19 : 23;
  const start = step >= 86_400 ? 0 : step >= 3600 ? 5 : 11;
  // Those that were left out are null.
  return seconds.map((second: number | null) =>
    second === null ? "" : timeText(second * 1000).slice(start, end),
  );
}
