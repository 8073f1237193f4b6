// The list of calls: the pill that tells of newer calls, rows of calls in progress kept true, X and Escape for the selection.
// J, K and Enter are those of every list (keys.ts). Nothing here ever moves a row.
import { live } from "./live.ts";
import { morph } from "./morph.ts";
import { ask, typing } from "./page.ts";

const PACE_MS = 2000;

class CxCalls extends HTMLElement {
  #off: (() => void) | undefined;
  #timer = 0;
  #rows = false;

  connectedCallback(): void {
    const channel = this.getAttribute("channel");
    if (channel) this.#off = live.on(channel, (message) => this.#happened(message.t, message.d));
    document.addEventListener("keydown", this.#key);
  }

  disconnectedCallback(): void {
    this.#off?.();
    clearTimeout(this.#timer);
    document.removeEventListener("keydown", this.#key);
  }

  #happened(kind: string, data: unknown): void {
    const id = (data as { id?: string } | null)?.id;
    if (kind === "snap" || (id && document.getElementById(`call-${id}`))) this.#rows = true;
    this.#timer ||= window.setTimeout(() => void this.#look(), PACE_MS);
  }

  async #look(): Promise<void> {
    this.#timer = 0;
    try {
      const newer = this.getAttribute("newer");
      const pill = document.getElementById("newer");
      if (newer && pill) {
        const answer = await ask(newer);
        if (answer.ok) pill.innerHTML = await answer.text();
      }
      if (this.#rows) await this.#refreshRows();
    } catch {
      // cut off: the next message after the connection is back brings us here again
    }
  }

  /** Rows that are on the page take what the server says of them now; none is added, none goes. */
  async #refreshRows(): Promise<void> {
    this.#rows = false;
    const answer = await ask(location.href);
    if (!answer.ok) return;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const row of this.querySelectorAll<HTMLElement>("tr[data-open]")) {
      const now = next.getElementById(row.id);
      if (now) morph(row, now);
    }
  }

  #key = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (!("shortcuts" in document.body.dataset) || document.querySelector("dialog[open]")) return;
    if (event.code === "KeyX") {
      const box = document.activeElement?.closest("tr")?.querySelector<HTMLInputElement>("input[type=checkbox]");
      if (!box) return;
      box.checked = !box.checked;
      event.preventDefault();
    } else if (event.code === "Escape") {
      for (const box of this.querySelectorAll<HTMLInputElement>("tbody input:checked")) box.checked = false;
    }
  };
}

customElements.define("cx-calls", CxCalls);
