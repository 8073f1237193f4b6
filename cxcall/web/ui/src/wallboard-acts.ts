// What may be done about an agent opens below their row: Enter or a click on the name fetches it, Escape closes it again.
import htmx from "htmx.org/dist/htmx.esm.js";
import { ask } from "./page.ts";

export class RowActs {
  #row: HTMLElement | null = null;

  constructor(private readonly board: HTMLElement) {}

  start(): void {
    this.board.addEventListener("click", this.#click);
    this.board.addEventListener("keydown", this.#key);
  }

  stop(): void {
    this.board.removeEventListener("click", this.#click);
    this.board.removeEventListener("keydown", this.#key);
  }

  #click = (event: Event): void => {
    const mouse = event as MouseEvent;
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-acts]");
    const row = link?.closest<HTMLElement>("[data-agent]");
    if (!link || !row || mouse.ctrlKey || mouse.metaKey || mouse.shiftKey || mouse.button) return;
    event.preventDefault();
    if (row === this.#row) this.#close();
    else void this.#open(row, link);
  };

  #key = (event: KeyboardEvent): void => {
    if (event.code !== "Escape" || event.defaultPrevented || !this.#row?.contains(event.target as Node)) return;
    if ((event.target as Element).closest("details[open]")) return; // a menu in it closes first
    const link = this.#row.querySelector<HTMLElement>("a[data-acts]");
    this.#close();
    link?.focus();
  };

  async #open(row: HTMLElement, link: HTMLAnchorElement): Promise<void> {
    try {
      const response = await ask(link.href);
      if (!response.ok) throw new Error(String(response.status));
      const text = await response.text();
      this.#close();
      const place = Object.assign(document.createElement("div"), { className: "acts-place", innerHTML: text });
      for (const next of place.querySelectorAll<HTMLInputElement>("input[name=next]")) next.value = location.pathname + location.search;
      row.append(place);
      row.dataset.editing = ""; // what is chosen here is newer than what the server would write
      row.classList.add("sel");
      link.setAttribute("aria-expanded", "true");
      this.#row = row;
      htmx.process(place);
      place.querySelector<HTMLElement>("button, select, summary, a")?.focus();
    } catch {
      location.assign(link.href); // the page says why
    }
  }

  #close(): void {
    const row = this.#row;
    if (!row) return;
    this.#row = null;
    row.querySelector(".acts-place")?.remove();
    row.classList.remove("sel");
    delete row.dataset.editing;
    row.querySelector("a[data-acts]")?.setAttribute("aria-expanded", "false");
  }
}
