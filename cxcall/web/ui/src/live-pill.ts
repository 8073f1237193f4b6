// <cx-live>: whether the numbers on the page are live, and how old they are when not.
import { live } from "./live.ts";
import { clockTime, now, t } from "./page.ts";

class LivePill extends HTMLElement {
  #end = new AbortController();

  connectedCallback(): void {
    document.addEventListener("cx:live", () => this.#show(), { signal: this.#end.signal });
    live.start();
    this.#show();
  }

  disconnectedCallback(): void {
    this.#end.abort();
    this.#end = new AbortController();
  }

  #show(): void {
    this.dataset.state = live.state;
    const time = clockTime(now() - (Date.now() - live.fresh));
    this.textContent = { connecting: t("Connecting"), live: t("Live"), reconnecting: t("Reconnecting, data from {time}", { time }) }[
      live.state
    ];
  }
}

customElements.define("cx-live", LivePill);
