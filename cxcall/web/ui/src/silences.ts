// Where nobody says anything in a recording, by its peaks: what a listener need not wait for.

export type Span = readonly [from: number, to: number];

const LEAST_S = 1.5; // shorter pauses belong to the talk
const EDGE_S = 0.35; // kept before and after, so that no word begins in the middle
const NOISE_SHARE = 0.2;
const [OVER_NOISE, LOWEST, HIGHEST] = [2.5, 0.01, 0.05];

/** Spans of at least LEAST_S in which every channel is at the noise of the line, and `known` ones (music on hold). */
export function silences(channels: readonly number[][], seconds: number, known: readonly Span[]): Span[] {
  const bins = channels[0]?.length ?? 0;
  if (!bins || seconds <= 0) return [...known];
  const loud = Array.from({ length: bins }, (_, n) => Math.max(...channels.map((one) => one[n] ?? 0)));
  const noise = [...loud].sort((a, b) => a - b)[Math.floor(bins * NOISE_SHARE)] ?? 0;
  const least = Math.min(HIGHEST, Math.max(LOWEST, noise * OVER_NOISE));
  const width = seconds / bins;
  const found: Span[] = [];
  let from = -1;
  for (let n = 0; n <= bins; n += 1) {
    const middle = (n + 0.5) * width;
    const quiet = n < bins && ((loud[n] ?? 0) < least || known.some(([begin, end]) => middle >= begin && middle < end));
    if (quiet && from < 0) from = n;
    if (!quiet && from >= 0) {
      const span: Span = [from * width + EDGE_S, (n === bins ? seconds : n * width) - EDGE_S];
      if (span[1] - span[0] >= LEAST_S - 2 * EDGE_S) found.push(span);
      from = -1;
    }
  }
  return found;
}
