// <cx-chart>: makes a picture of the table the server wrote into it, and puts the table behind "Show as table".
// The table says what is drawn: a column's heading has data-series="value | low | high | count", a cell data-v its number
// (nothing where there is none), a row data-x the label under its point. `goal` is drawn as a dashed line, `few` is the
// count below which a point is pale. Columns of data-series="line" are lines of their own in the colour data-tone names;
// with them there is no "value". With unit="seconds" the scale is written as m:ss, with unit="share" as per cent. `bars`: one
// bar a row, from zero.
// Time runs from left to right in every language.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { digits, duration } from "./page.ts";

use([BarChart, LineChart, GridComponent, AriaComponent, SVGRenderer]);

type Point = { label: string; count: number; value: number | null; low: number | null; high: number | null; lines: (number | null)[]; row: HTMLTableRowElement };

const STEPS = [5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1e6, 2.5e6, 5e6];
const STEPS_OF_SECONDS = [5, 10, 15, 30, 60, 120, 300, 600, 1800, ...[1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000, 25_000].map((hours) => hours * 3600)];
const MOST_LINES = 4;
const MOST_LABELS = 7;

const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const persian = digits("0") !== "0";
/** A number as the pages write it: 1,000 and ۱٬۰۰۰. */
function written(value: number): string {
  const text = value.toLocaleString("en-US", { maximumFractionDigits: 3 }).replace("-", "−");
  return persian ? digits(text.replaceAll(",", "٬").replace(".", "٫")) : text;
}
/** Per cent; in Persian its sign stands left of the number, isolated from the direction of the picture. */
const percent = (value: number): string => (persian ? `\u2067\u061c${written(value)}٪\u2069` : `${written(value)}%`);
const SCALES: Record<string, (value: number) => string> = { seconds: (value) => duration(value * 1000), share: percent };

class Chart extends HTMLElement {
  #chart: EChartsType | undefined;
  #points: Point[] = [];
  #tones: string[] = [];
  #asTable = false; // not an attribute: newer HTML from the server would take it away
  #size: ResizeObserver | undefined;
  #theme: MutationObserver | undefined;
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #paper = matchMedia("print"); // has the light colours

  connectedCallback(): void {
    this.addEventListener("click", this.#toggle);
    document.addEventListener("cx:refreshed", this.draw);
    this.#dark.addEventListener("change", this.draw);
    this.#paper.addEventListener("change", this.draw);
    this.#theme = new MutationObserver(() => requestAnimationFrame(this.draw));
    this.#theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.draw();
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.#toggle);
    document.removeEventListener("cx:refreshed", this.draw);
    this.#dark.removeEventListener("change", this.draw);
    this.#paper.removeEventListener("change", this.draw);
    this.#theme?.disconnect();
    this.#size?.disconnect();
    this.#chart?.dispose();
    this.#chart = undefined;
  }

  /** Draw what the table says now, in the colours of the theme. */
  draw = (): void => {
    const plot = this.querySelector<HTMLElement>(".plot");
    const table = this.querySelector("table");
    if (!plot || !table) return;
    this.#points = points(table);
    this.#tones = [...table.querySelectorAll<HTMLElement>("th[data-series=line]")].map((cell) => cell.dataset["tone"] ?? "d1");
    this.#show();
    if (this.#asTable) return;
    if (!this.#chart) {
      this.#chart = init(plot, null, { renderer: "svg" });
      this.#size = new ResizeObserver(() => this.#chart?.resize());
      this.#size.observe(plot);
      plot.addEventListener("pointermove", this.#point);
      plot.addEventListener("pointerleave", () => this.#tip(undefined));
    }
    this.#chart.setOption(this.#option(), { notMerge: true });
  };

  #show(): void {
    const [plot, figures, button] = [".plot", ".figures", "[data-swap]"].map((name) => this.querySelector<HTMLElement>(name));
    if (!plot || !figures || !button) return;
    plot.hidden = this.#asTable;
    figures.hidden = !this.#asTable;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(this.#asTable));
  }

  #toggle = (event: Event): void => {
    if (!(event.target as Element).closest("[data-swap]")) return;
    this.#asTable = !this.#asTable;
    this.draw();
  };

  #option() {
    const all = this.#points;
    const goal = this.hasAttribute("goal") ? Number(this.getAttribute("goal")) : null;
    const unit = this.getAttribute("unit") ?? "";
    const onScale = SCALES[unit] ?? written;
    const bars = this.hasAttribute("bars");
    const { least, most, step } = scale(all, goal, unit === "seconds" ? STEPS_OF_SECONDS : STEPS, bars);
    const text = { color: token("text-3"), fontSize: 12, fontFamily: getComputedStyle(this).fontFamily };
    const quiet = { type: "line" as const, silent: true, symbol: "none", lineStyle: { width: 0 } };
    const few = Number(this.getAttribute("few") ?? 0);
    const last = all.findLastIndex((point) => point.value !== null);
    return {
      animation: false,
      aria: { enabled: true, label: { description: this.getAttribute("finding") ?? "" } },
      grid: { left: Math.max(40, 12 + 7 * Math.max(onScale(least).length, onScale(most).length)), right: 14, top: 10, bottom: 26 },
      xAxis: {
        type: "category" as const,
        boundaryGap: bars,
        data: all.map((point) => point.label),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: bars
          ? { ...text, interval: 0, hideOverlap: true, overflow: "truncate" as const, width: room(this, all.length) }
          : { ...text, interval: Math.max(0, Math.ceil(all.length / MOST_LABELS) - 1) },
      },
      yAxis: {
        type: "value" as const,
        min: least,
        max: most,
        interval: step,
        axisLabel: { ...text, formatter: onScale },
        splitLine: { lineStyle: { color: token("grid") } },
      },
      series: [
        { ...quiet, stack: "range", stackStrategy: "all" as const, data: all.map((point) => point.low) },
        {
          ...quiet,
          stack: "range",
          stackStrategy: "all" as const,
          data: all.map((point) => (point.low === null || point.high === null ? null : point.high - point.low)),
          areaStyle: { color: token("d1"), opacity: 0.13 },
        },
        ...this.#tones.map((tone, line) => ({
          type: "line" as const,
          silent: true,
          lineStyle: { width: 2, color: token(tone) },
          symbol: "circle",
          symbolSize: 5,
          itemStyle: { color: token(tone) },
          data: all.map((point) => point.lines[line] ?? null),
        })),
        ...(goal === null ? [] : [{ ...quiet, data: all.map(() => goal), lineStyle: { width: 1, type: "dashed" as const, color: token("text-3") } }]),
        bars ? {
          type: "bar" as const,
          silent: true,
          barMaxWidth: 48,
          data: all.map((point) => ({ value: point.value, itemStyle: { color: token(point.count < few ? "d5" : "d1"), opacity: point.count < few ? 0.6 : 1, borderRadius: [3, 3, 0, 0] } })),
        } : {
          type: "line" as const,
          silent: true,
          lineStyle: { width: 2, color: token("d1") },
          symbol: "circle",
          showAllSymbol: true,
          data: all.map((point, place) => {
            const alone = all[place - 1]?.value == null && all[place + 1]?.value == null;
            const pale = point.count < few;
            return {
              value: point.value,
              symbolSize: place === last ? 8 : pale || alone ? 6 : 0,
              itemStyle: pale ? { color: token("surface"), borderColor: token("text-3"), borderWidth: 1.5 } : { color: token("d1") },
            };
          }),
        },
      ],
    };
  }

  #point = (event: PointerEvent): void => {
    const plot = event.currentTarget as HTMLElement;
    const box = plot.getBoundingClientRect();
    const [place] = this.#chart?.convertFromPixel({ gridIndex: 0 }, [event.clientX - box.left, event.clientY - box.top]) ?? [];
    const point = place === undefined ? undefined : this.#points[Math.round(place)];
    this.#tip(point, event.clientX - box.left, box.width);
  };

  /** The row of the table under the pointer, in words; the table itself is what others read. */
  #tip(point: Point | undefined, x = 0, room = 0): void {
    const tip = this.querySelector<HTMLElement>(".tip");
    if (!tip) return;
    tip.hidden = !point;
    if (!point) return;
    tip.replaceChildren(...[...point.row.cells].map((cell) => {
      const line = document.createElement("span");
      const name = cell.dataset["name"];
      line.append(...(name ? [`${name} `] : []), ...[...cell.childNodes].map((node) => node.cloneNode(true)));
      return line;
    }));
    tip.style.left = `${Math.min(Math.max(x, tip.offsetWidth / 2), room - tip.offsetWidth / 2)}px`;
  }
}

function points(table: HTMLTableElement): Point[] {
  const names = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => cell.dataset["series"]);
  return [...(table.tBodies[0]?.rows ?? [])].map((row) => {
    const of = (name: string): number | null => {
      const text = row.cells[names.indexOf(name)]?.dataset["v"];
      return text ? Number(text) : null;
    };
    const lines = names.flatMap((name, place) => (name === "line" ? [Number(row.cells[place]?.dataset["v"] || NaN)] : []));
    const drawn = lines.map((value) => (Number.isNaN(value) ? null : value));
    return { label: row.dataset["x"] ?? "", lines: drawn, count: of("count") ?? 0, value: of("value"), low: of("low"), high: of("high"), row };
  });
}

/** Pixels for the label under one of so many bars. */
function room(chart: HTMLElement, bars: number): number {
  return Math.max(24, Math.floor(((chart.clientWidth || 600) - 90) / Math.max(1, bars)) - 8);
}

/** Round ends of the axis around everything drawn, with at most MOST_LINES spaces between its lines. */
function scale(all: Point[], goal: number | null, steps: number[], zero: boolean): { least: number; most: number; step: number } {
  const drawn = [...all.flatMap((point) => [point.value, point.low, point.high, ...point.lines]), goal, zero ? 0 : null].filter((value) => value !== null);
  const [from, to] = drawn.length ? [Math.min(...drawn), Math.max(...drawn)] : [0, 50];
  for (const step of steps) {
    const least = Math.floor(from / step) * step;
    const most = Math.max(Math.ceil(to / step) * step, least + step);
    if ((most - least) / step <= MOST_LINES || step === steps.at(-1)) return { least, most, step };
  }
  return { least: -100, most: 100, step: 50 };
}

customElements.define("cx-chart", Chart);
