// The floor as the server tells it (cxcall/calls/board_shapes.py): a snapshot, and patches that name whole entries.

export type Need = "ok" | "watch" | "act" | "closed";
export type Point = [number, number | null];

export type Tile = {
  server: string; name: string; title: Record<string, string>; state: Need; why: string[];
  closed: { why: string; title: string; opens: number | null; then: string; to: string; messages: number | null } | null;
  waiting: number; longest: number | null; offered: number; answered: number; abandoned: number; short: number;
  in_time: number; decided: number; sl: number | null; abandon_rate: number | null; free: number; of: number;
  targets: { answer_share: number; abandon_share: number; longest_wait: number };
  seats: Record<string, number>; line: Point[]; levels: [number, number, number][];
  csat: Record<string, number>; csat_before: Record<string, number>;
};

export type Seat = {
  key: string; server: string; name: string; state: string; reason: string; since: number | null; limit: number | null;
  auto: boolean; gone: boolean; queues: string[]; call: string; caller: string; caller_name: string; queue: string;
  held_since: number | null;
};

export type Figures = {
  sl: { value: number | null; target: number | null; trend: Point[] };
  waiting: { value: number; before: number | null; trend: Point[] };
  longest: { since: number | null; queue: string; target: number | null };
  abandoned: { value: number; n: number; share: number | null; target: number | null };
  agents: { free: number; of: number; ringing: number; on_call: number; paused: number };
  csat: { mean: number | null; share: number | null; n: number; before: number | null };
};

export type Needy = { call: string; why: string; agent: string };

export type Board = {
  at: number; day: string; complete: boolean; servers: Record<string, { live: boolean }>; figures: Figures;
  queues: Record<string, Tile>; agents: Record<string, Seat>; calls: Needy[];
};

type Entries<T> = Record<string, T | null>;
export type Patch = Partial<Omit<Board, "figures" | "queues" | "agents">> & { at: number } & {
  figures?: Partial<Figures>;
  queues?: Entries<Tile>;
  agents?: Entries<Seat>;
};

/** Take what `patch` says into `board`. */
export function merge(board: Board, patch: Patch): void {
  const { figures, queues, agents, ...plain } = patch;
  Object.assign(board, plain);
  Object.assign(board.figures, figures);
  enter(board.queues, queues);
  enter(board.agents, agents);
}

function enter<T>(kept: Record<string, T>, told: Entries<T> | undefined): void {
  for (const [key, entry] of Object.entries(told ?? {})) {
    if (entry === null) delete kept[key];
    else kept[key] = entry;
  }
}

/** The tiles of the chosen queues; none chosen: all. */
export const tilesOf = (board: Board, chosen: Set<string>): Tile[] =>
  Object.entries(board.queues).filter(([key]) => !chosen.size || chosen.has(key)).map(([, tile]) => tile);

/** The agents of the chosen queues: those logged in there, or with a call of theirs. */
export const seatsOf = (board: Board, chosen: Set<string>): Seat[] =>
  Object.values(board.agents).filter(
    (seat) => !chosen.size || [...seat.queues, seat.queue].some((name) => name && chosen.has(`${seat.server}:${name}`)),
  );

export const keyOf = (tile: Tile): string => `${tile.server}:${tile.name}`;
