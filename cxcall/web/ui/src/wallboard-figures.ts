// The six figures over a choice of queues; the server's board_figures.py does the same for all of them.
import type { Figures, Seat, Tile } from "./wallboard-model.ts";

const sum = (values: number[]): number => values.reduce((whole, value) => whole + value, 0);
const share = (part: number, whole: number): number | null => (whole ? Math.round((1000 * part) / whole) / 10 : null);

function add(whole: Map<number, number>, counts: Record<string, number>): void {
  for (const [value, times] of Object.entries(counts)) whole.set(Number(value), (whole.get(Number(value)) ?? 0) + times);
}

function mean(counts: Map<number, number>): number | null {
  const n = sum([...counts.values()]);
  return n ? Math.round((100 * sum([...counts].map(([value, times]) => value * times))) / n) / 100 : null;
}

/** Targets, each counted as often as visits are about it; before the first visit their plain mean. */
function weighed(targets: [number, number][]): number | null {
  if (!targets.length) return null;
  const whole = sum(targets.map(([, weight]) => weight));
  const mean = whole ? sum(targets.map(([target, weight]) => target * weight)) / whole : sum(targets.map(([target]) => target)) / targets.length;
  return Math.round(mean * 10) / 10;
}

export function figuresOf(tiles: Tile[], seats: Seat[]): Figures {
  const levels = new Map<number, [number, number]>();
  const line = new Map<number, number>();
  const answers = new Map<number, number>();
  const before = new Map<number, number>();
  for (const tile of tiles) {
    for (const [begin, good, all] of tile.levels) {
      const [some, whole] = levels.get(begin) ?? [0, 0];
      levels.set(begin, [some + good, whole + all]);
    }
    for (const [at, value] of tile.line) line.set(at, (line.get(at) ?? 0) + (value ?? 0));
    add(answers, tile.csat);
    add(before, tile.csat_before);
  }
  const waiting = [...line].sort((one, other) => one[0] - other[0]);
  const newest = waiting.at(-1)?.[0] ?? 0;
  const longest = tiles.filter((tile) => tile.longest !== null).sort((one, other) => (one.longest ?? 0) - (other.longest ?? 0))[0];
  const short = sum(tiles.map((tile) => tile.short));
  const lost = sum(tiles.map((tile) => tile.abandoned)) - short;
  const offered = sum(tiles.map((tile) => tile.offered)) - short;
  const n = sum([...answers.values()]);
  const count = (state: string): number => seats.filter((seat) => seat.state === state).length;
  return {
    sl: {
      value: share(sum(tiles.map((tile) => tile.in_time)), sum(tiles.map((tile) => tile.decided))),
      target: weighed(tiles.map((tile) => [tile.targets.answer_share, tile.decided])),
      trend: [...levels].sort((one, other) => one[0] - other[0]).map(([at, [good, all]]) => [at, share(good, all)]),
    },
    waiting: { value: sum(tiles.map((tile) => tile.waiting)), before: line.get(newest - 900) ?? null, trend: waiting },
    longest: {
      since: longest?.longest ?? null,
      queue: longest ? `${longest.server}:${longest.name}` : "",
      target: longest?.targets.longest_wait ?? null,
    },
    abandoned: { value: lost, n: offered, share: share(lost, offered), target: weighed(tiles.map((tile) => [tile.targets.abandon_share, tile.offered])) },
    agents: {
      free: count("ready"), of: seats.length - count("offline"), ringing: count("ringing"),
      on_call: count("on_call"), paused: count("paused"),
    },
    csat: {
      mean: mean(answers), share: share((answers.get(4) ?? 0) + (answers.get(5) ?? 0), n), n, before: mean(before),
    },
  };
}
