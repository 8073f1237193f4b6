// Who needs somebody first: the same order as the server's (board_shapes.by_need, wallboard/view.py).
import type { Seat, Tile } from "./wallboard-model.ts";

const NEEDS = { act: 0, watch: 1, ok: 2, closed: 3 };
const STATES: Record<string, number> = { on_call: 0, wrap_up: 1, ringing: 2, ready: 3, paused: 4, offline: 5 };

type Key = (number | string)[];

function compare(one: Key, other: Key): number {
  for (const [n, part] of one.entries()) {
    const against = other[n] ?? 0;
    if (part !== against) return part < against ? -1 : 1;
  }
  return 0;
}

const tileKey = (tile: Tile): Key => [NEEDS[tile.state], tile.longest ?? Infinity, -tile.waiting, tile.name];

export const byNeed = (tiles: Tile[]): Tile[] => tiles.sort((one, other) => compare(tileKey(one), tileKey(other)));

/** Whether an agent is past the limit of their state. */
export const isLate = (seat: Seat, now: number): boolean =>
  seat.limit !== null && seat.since !== null && seat.limit > 0 && now - seat.since > seat.limit;

export function bySeat(seats: Seat[], sort: string, now: number): Seat[] {
  const key = (seat: Seat): Key => {
    const [name, since, state] = [seat.name.toLowerCase(), seat.since || now, STATES[seat.state] ?? 5];
    if (sort === "name") return [name, seat.key];
    if (sort === "state") return [state, since, name, seat.key];
    if (sort === "longest") return [seat.state === "offline" ? 1 : 0, since, name, seat.key];
    return [seat.held_since !== null || isLate(seat, now) ? 0 : 1, state, since, name, seat.key];
  };
  return seats.sort((one, other) => compare(key(one), key(other)));
}

/** Bring the children of `list` into the order of `keys`. Nothing moves from under the focus. */
export function arrange(list: Element | null, attribute: string, keys: string[]): void {
  if (!list || list.contains(document.activeElement)) return;
  const there = new Map([...list.children].map((child) => [child.getAttribute(attribute), child]));
  let place = list.firstElementChild;
  for (const key of keys) {
    const child = there.get(key);
    if (!child) continue;
    if (child === place) place = place.nextElementSibling;
    else list.insertBefore(child, place);
  }
}
