// <cx-refresh channel="calls" src="/live/rows" every-ms="500">: fetches its server-made content anew when something happens
// on its channels (several, with spaces between), at most every `every-ms`; with `poll-s` also by the clock. `seq` is the
// channel's number when the page was made; without it the content is fetched once after connecting.
// The content is morphed: focus, scroll and what is being typed stay.
import htmx from "htmx.org/dist/htmx.esm.js";
import { live } from "./live.ts";
import { morph } from "./morph.ts";
import { ask } from "./page.ts";

class Refresh extends HTMLElement {
  #off: (() => void)[] = [];
  #timer = 0;
  #poll = 0;
  #last = 0;
  #fetching = false;
  #again = false;
  #failures = 0;

  connectedCallback(): void {
    const seq = this.getAttribute("seq");
    for (const channel of (this.getAttribute("channel") ?? "").split(" ").filter(Boolean)) {
      this.#off.push(live.on(channel, () => this.soon(), seq ? Number(seq) : undefined));
    }
    const poll = Number(this.getAttribute("poll-s"));
    if (poll) this.#poll = window.setInterval(() => document.hidden || this.soon(), poll * 1000);
    document.addEventListener("visibilitychange", this.#shown);
    this.addEventListener("cx:redraw", this.#wanted);
  }

  disconnectedCallback(): void {
    for (const off of this.#off.splice(0)) off();
    clearTimeout(this.#timer);
    clearInterval(this.#poll);
    this.#timer = 0;
    document.removeEventListener("visibilitychange", this.#shown);
    this.removeEventListener("cx:redraw", this.#wanted);
  }

  /** Fetch now, or as soon as the pace allows. */
  soon(): void {
    if (this.#fetching || document.hidden) {
      this.#again = true;
      return;
    }
    const pace = Number(this.getAttribute("every-ms") ?? 500) * 2 ** Math.min(this.#failures, 4);
    this.#timer ||= window.setTimeout(() => void this.#fetch(), Math.max(0, this.#last + pace - Date.now()));
  }

  /** Something inside can't go on with what the page has. */
  #wanted = (): void => this.soon();

  #shown = (): void => {
    if (!document.hidden && this.#again) this.soon();
  };

  async #fetch(): Promise<void> {
    this.#timer = 0;
    this.#fetching = true;
    this.#again = false;
    this.#last = Date.now();
    try {
      const response = await ask(this.getAttribute("src") ?? location.href);
      if (response.status === 401) document.dispatchEvent(new CustomEvent("cx:signed-out"));
      else if (response.ok) this.#put(await response.text());
      else throw new Error(String(response.status));
      this.#failures = 0;
    } catch {
      this.#failures += 1; // the pill says that we are cut off; the old content stays
      this.#again = true;
    } finally {
      this.#fetching = false;
      if (this.#again && this.isConnected) this.soon();
    }
  }

  #put(text: string): void {
    // Made in another document, so that nothing in it comes alive before it is in its place.
    const next = document.implementation.createHTMLDocument().importNode(this, false);
    next.innerHTML = text;
    morph(this, next);
    htmx.process(this);
    this.dispatchEvent(new CustomEvent("cx:refreshed", { bubbles: true }));
  }
}

customElements.define("cx-refresh", Refresh);
