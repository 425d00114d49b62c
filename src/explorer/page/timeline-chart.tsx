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
  const [first, last] = [timeline.times[0], timeline.times.at(-1)];
  const words =
    first === undefined
      ? "no exchanges"
      : `${countText(total)} exchanges, ${countText(failures)} failed, ` +
        `from ${timeText(first)} to ${timeText(last)}`;
  return <div class="timeline" ref={box} role="img" aria-label={words} />;
}

function dataOf({ times, counts, failures }: Timeline): uPlot.AlignedData {
  return [times.map((time) => time / 1000), [...counts], [...failures]];
}

function optionsOf(
  width: number,
  zoom: { readonly current: TimelineChartProps["onZoom"] },
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const bars = uPlot.paths.bars?.({ size: [0.9, 40] });
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
    grid: { stroke: color("line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  return {
    width,
    height: chartHeight,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false } },
    scales: { y: { range: (_chart, _low, high) => [0, Math.max(1, high * 1.1)] } },
    series: [{}, series("exchanges", color("accent")), series("failed", color("bad"))],
    axes: [
      { ...axis, size: 24, space: 110, values: instants },
      { ...axis, size: 48 },
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
  return seconds.map((second) => timeText(second * 1000).slice(start, end));
}
