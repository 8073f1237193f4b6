// <cx-live>: whether the numbers on the page are live, and how old they are when not.
import { live } from "./live.ts";
import { clockTime, digits, now, t } from "./page.ts";

class LivePill extends HTMLElement {
  #end = new AbortController();
  /** When the page that shows numbers last had new ones, by the server's clock; 0: no such page. */
  #fresh = 0;
  #tick = 0;

  connectedCallback(): void {
    document.addEventListener("cx:live", () => this.#show(), { signal: this.#end.signal });
    document.addEventListener("cx:fresh", (event) => this.#told((event as CustomEvent<number>).detail), { signal: this.#end.signal });
    live.start();
    this.#show();
  }

  disconnectedCallback(): void {
    this.#end.abort();
    clearInterval(this.#tick);
    this.#tick = 0;
    this.#end = new AbortController();
  }

  #show(): void {
    this.dataset.state = live.state;
    const time = clockTime(now() - (Date.now() - live.fresh));
    const text = { connecting: t("Connecting"), live: this.#live(), reconnecting: t("Reconnecting, data from {time}", { time }) }[live.state];
    if (this.textContent !== text) this.textContent = text;
  }

  #told(at: number): void {
    this.#fresh = at;
    // Who listens to the page hears that it is live, not each second of it.
    this.setAttribute("aria-live", "off");
    this.#tick ||= window.setInterval(() => this.#show(), 1000);
    this.#show();
  }

  #live(): string {
    if (!this.#fresh) return t("Live");
    const seconds = Math.max(0, Math.round((now() - this.#fresh) / 1000));
    if (seconds < 60) return t("Live · updated {n} s ago", { n: digits(String(seconds)) });
    return t("Live · updated {n} min ago", { n: digits(String(Math.floor(seconds / 60))) });
  }
}

customElements.define("cx-live", LivePill);
