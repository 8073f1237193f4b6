// <cx-board>: the wallboard follows its channel. Patches are written into the page in place; what is new on it (a queue, an
// agent, a call that may need somebody) comes from the server. Tiles and agents change places at most every 15 seconds.
import { live, type Message } from "./live.ts";
import { clockTime, now, typing } from "./page.ts";
import { RowActs } from "./wallboard-acts.ts";
import { drawBanner, drawFigures, drawSeat, drawTile, drawWhere } from "./wallboard-draw.ts";
import { figuresOf } from "./wallboard-figures.ts";
import { type Board, keyOf, merge, type Patch, seatsOf, tilesOf } from "./wallboard-model.ts";
import { arrange, byNeed, bySeat } from "./wallboard-order.ts";

type Data = { channel: string; seq: number; chosen: string[]; reasons: Record<string, string>; sort: string; day: string; board: Board };

const KEPT_S = 60;
const ORDER_MS = 15_000;
const TICK_MS = 1000;

class WallBoard extends HTMLElement {
  #data: Data | null = null;
  #chosen = new Set<string>();
  #off: (() => void) | undefined;
  #patches: Patch[] = [];
  #ordered = Date.now();
  #ordering = 0;
  #signs: Record<string, string> = {};
  /** Tiles and agents by their keys: looking for each anew is too slow where there are hundreds. */
  #places = { tile: new Map<string, Element>(), agent: new Map<string, Element>() };
  #tick = 0;
  #acts = new RowActs(this);

  connectedCallback(): void {
    this.addEventListener("cx:refreshed", this.#anew);
    document.addEventListener("keydown", this.#key);
    this.addEventListener("click", this.#click);
    this.#acts.start();
    this.#tick = window.setInterval(() => this.#time(), TICK_MS);
    this.#read();
  }

  disconnectedCallback(): void {
    this.removeEventListener("cx:refreshed", this.#anew);
    document.removeEventListener("keydown", this.#key);
    this.removeEventListener("click", this.#click);
    this.#off?.();
    this.#off = undefined;
    this.#acts.stop();
    clearInterval(this.#tick);
    clearTimeout(this.#ordering);
  }

  #read(): void {
    const data = JSON.parse(this.querySelector("[data-board-data]")?.textContent || "null") as Data | null;
    if (data && !this.#data && this.querySelector("[poll-s]")) return location.reload();
    this.#data = data;
    if (!data) return;
    this.#chosen = new Set(data.chosen);
    for (const patch of this.#patches) if (patch.at >= data.board.at) merge(data.board, patch);
    this.#off ??= live.on(data.channel, this.#hear, data.seq);
    this.#signs = this.#sign(data.board);
    for (const [kind, places] of Object.entries(this.#places)) {
      places.clear();
      for (const place of this.querySelectorAll(`[data-${kind}]`)) places.set(place.getAttribute(`data-${kind}`) ?? "", place);
    }
    this.#draw(data.board);
    this.#fresh(data.board.at);
    const day = this.querySelector("[data-day]");
    if (day && day.textContent !== data.day) day.textContent = data.day;
  }

  /** What goes on by itself: the time of the page, and how long pauses have lasted. */
  #time(): void {
    const clock = this.querySelector("[data-time]");
    const text = clockTime(now()).slice(0, 5);
    if (clock && clock.textContent !== text) clock.textContent = text;
    const board = this.#data?.board;
    for (const seat of Object.values(board?.agents ?? {})) {
      if (!board || seat.state !== "paused" || !seat.limit) continue;
      drawWhere(this.#places.agent.get(seat.key)?.querySelector('[data-v="where"]') ?? null, seat, board);
    }
  }

  #fresh(at: number): void {
    document.dispatchEvent(new CustomEvent("cx:fresh", { detail: at * 1000 }));
  }

  #anew = (event: Event): void => {
    if ((event.target as HTMLElement).dataset.boardPart !== "board") return;
    this.#ordered = Date.now();
    this.#read();
  };

  #hear = (message: Message): void => {
    if (message.t === "snap" || !this.#data) return this.#redraw("board");
    const patch = message.d as Patch;
    this.#patches = [...this.#patches.filter(({ at }) => at > patch.at - KEPT_S), patch];
    const { board } = this.#data;
    merge(board, patch);
    const signs = this.#sign(board);
    for (const part of ["board", "banner", "calls"]) if (signs[part] !== this.#signs[part]) this.#redraw(part);
    this.#signs = signs;
    this.#draw(board, patch);
    this.#fresh(patch.at);
    this.#order();
  };

  /** What of the page only the server can make, in short: when it differs, that part is fetched anew. */
  #sign(board: Board): Record<string, string> {
    const tiles = tilesOf(board, this.#chosen);
    const urgent = byNeed(tiles.filter((tile) => tile.state === "act"))[0];
    const shut = tiles.map((tile) => [keyOf(tile), tile.title, tile.closed, tile.closed ? Object.values(tile.seats) : 0]);
    return {
      board: JSON.stringify([shut.sort(), seatsOf(board, this.#chosen).map((seat) => seat.key + seat.name).sort(), board.servers, board.complete, board.day]),
      banner: urgent ? keyOf(urgent) + urgent.why.join() + String(urgent.waiting > 0) : "",
      calls: JSON.stringify(board.calls.map(({ call, why, agent }) => [call, why, agent])),
    };
  }

  #draw(board: Board, changed?: Patch): void {
    const tiles = tilesOf(board, this.#chosen);
    const seats = seatsOf(board, this.#chosen);
    const figures = this.#chosen.size ? figuresOf(tiles, seats) : board.figures;
    const kpis = this.querySelector(".board-kpis");
    if (kpis) drawFigures(kpis, board, figures);
    for (const tile of tiles) {
      const place = !changed || changed.queues?.[keyOf(tile)] ? this.#places.tile.get(keyOf(tile)) : null;
      if (place) drawTile(place, tile);
    }
    for (const seat of seats) {
      const place = !changed || changed.agents?.[seat.key] ? this.#places.agent.get(seat.key) : null;
      if (place) drawSeat(place, seat, board, this.#data?.reasons ?? {});
    }
    drawBanner(this.querySelector("[data-banner]"), board);
  }

  /** Now if the last time is long enough ago, else as soon as it is. */
  #order(): void {
    const pace = Number(this.dataset.orderMs ?? ORDER_MS);
    this.#ordering ||= window.setTimeout(() => this.#arrange(), Math.max(0, this.#ordered + pace - Date.now()));
  }

  #arrange(): void {
    this.#ordering = 0;
    this.#ordered = Date.now();
    if (!this.#data) return;
    const { board, sort } = this.#data;
    arrange(this.querySelector("[data-tiles]"), "data-tile", byNeed(tilesOf(board, this.#chosen)).map(keyOf));
    const seats = bySeat(seatsOf(board, this.#chosen), sort, now() / 1000);
    arrange(this.querySelector("[data-agents]"), "data-agent", seats.map(({ key }) => key));
    if (this.querySelector("[data-banner], [data-helped]")) this.#redraw("banner"); // who could help changes with the agents
  }

  #redraw(part: string): void {
    this.querySelector(`[data-board-part="${part}"]`)?.dispatchEvent(new CustomEvent("cx:redraw"));
  }

  #click = (event: Event): void => {
    const mouse = event as MouseEvent;
    if (!(event.target as Element).closest("[data-fullscreen]") || mouse.ctrlKey || mouse.metaKey || mouse.shiftKey) return;
    event.preventDefault();
    this.#fullscreen();
  };

  #key = (event: KeyboardEvent): void => {
    if (event.code !== "KeyF" || event.defaultPrevented || event.isComposing || event.repeat || typing(event.target)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (!("shortcuts" in document.body.dataset) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.#fullscreen();
  };

  #fullscreen(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.requestFullscreen().catch(() => location.assign("/wallboard/screen"));
  }
}

customElements.define("cx-board", WallBoard);
