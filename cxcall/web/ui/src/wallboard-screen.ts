// <cx-screen>: the board on a wall. Asks for the floor every second, shows one group of queues after the other, and says
// how old the numbers are when nobody answers. Whatever only the server can write, it gets by loading the page again.
import { ask, clockTime, now, t } from "./page.ts";
import { drawFigures, drawTile, placeOf } from "./wallboard-draw.ts";
import { figuresOf } from "./wallboard-figures.ts";
import { type Board, keyOf, seatsOf, tilesOf } from "./wallboard-model.ts";
import { arrange, byNeed } from "./wallboard-order.ts";

const EVERY_MS = 1000;
const LOST_MS = 5000;
const ORDER_MS = 15_000;

class Screen extends HTMLElement {
  #timer = 0;
  #fresh = Date.now();
  #ordered = Date.now();
  #turned = Date.now();
  #shut = "";

  connectedCallback(): void {
    this.#turn(0);
    this.#shut = this.dataset.shut ?? "";
    this.#timer = window.setTimeout(() => void this.#look());
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
    this.#timer = -1;
  }

  get #groups(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>(".group")];
  }

  get #rotate(): number {
    return Number(this.getAttribute("rotate-s") ?? 20);
  }

  async #look(): Promise<void> {
    try {
      const key = new URLSearchParams(location.search).get("key");
      const response = await ask("/wallboard/screen/now", key ? { headers: { "X-Screen-Key": key } } : {}, 5000);
      if ([401, 403, 404].includes(response.status)) return location.reload(); // turned off, or signed out: the page says so
      if (!response.ok) throw new Error(String(response.status));
      const { board, shut } = (await response.json()) as { board: Board; shut: string };
      this.#fresh = Date.now();
      if (shut !== this.#shut) return location.reload();
      this.#draw(board);
    } catch {
      // said below, once it has lasted
    }
    this.#say();
    if (this.#timer >= 0) this.#timer = window.setTimeout(() => void this.#look(), EVERY_MS);
  }

  #draw(board: Board): void {
    const order = Date.now() - this.#ordered > ORDER_MS;
    if (order) this.#ordered = Date.now();
    for (const group of this.#groups) {
      const chosen = new Set(JSON.parse(group.dataset.queues ?? "[]") as string[]);
      const tiles = tilesOf(board, chosen);
      const kpis = group.querySelector(".board-kpis");
      if (kpis) drawFigures(kpis, board, figuresOf(tiles, seatsOf(board, chosen)));
      for (const tile of tiles) {
        const place = placeOf(group, tile);
        if (place) drawTile(place, tile);
      }
      if (order) arrange(group.querySelector("[data-tiles]"), "data-tile", byNeed(tiles).map(keyOf));
    }
  }

  #say(): void {
    const clock = this.querySelector("[data-now]");
    if (clock) clock.textContent = clockTime(now()).slice(0, 5);
    const lost = this.querySelector<HTMLElement>(".lost");
    const age = Date.now() - this.#fresh;
    if (lost) {
      lost.hidden = age < LOST_MS;
      if (!lost.hidden) lost.textContent = t("No connection. Data from {time}", { time: clockTime(now() - age) });
    }
    if (this.#groups.length > 1 && Date.now() - this.#turned > this.#rotate * 1000) {
      this.#turn(this.#groups.findIndex((group) => !group.hidden) + 1);
    }
  }

  #turn(to: number): void {
    this.#turned = Date.now();
    const groups = this.#groups;
    const shown = to % Math.max(1, groups.length);
    for (const [n, group] of groups.entries()) group.hidden = n !== shown;
    for (const [n, dot] of [...this.querySelectorAll(".dots i")].entries()) dot.classList.toggle("on", n === shown);
    const name = this.querySelector("[data-group]");
    if (name) name.textContent = groups[shown]?.dataset.name ?? "";
    const bar = this.querySelector<HTMLElement>(".turning i");
    if (!bar) return;
    bar.style.animationDuration = `${this.#rotate}s`;
    bar.replaceWith(bar.cloneNode()); // begins anew
  }
}

customElements.define("cx-screen", Screen);
