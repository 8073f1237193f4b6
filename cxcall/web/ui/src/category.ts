// <cx-category src="…/found"><form>…<div id="found">: what the form would find is counted while one types. The answer of
// an older state never replaces that of a newer one.
import { morph } from "./morph.ts";
import { ask } from "./page.ts";

const QUIET_MS = 600;
const LONGEST_MS = 20_000;

class Category extends HTMLElement {
  #timer = 0;
  #asked = 0;
  #end = new AbortController();

  connectedCallback(): void {
    const { signal } = this.#end;
    this.addEventListener("input", () => this.#soon(), { signal });
    this.addEventListener("change", () => this.#soon(), { signal });
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || (event.target as Element).id !== "sentence") return;
      event.preventDefault(); // trying a sentence saves nothing
      void this.#look();
    }, { signal });
    void this.#look();
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
    this.#end.abort();
    this.#end = new AbortController();
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#look(), QUIET_MS);
  }

  async #look(): Promise<void> {
    const form = this.querySelector("form");
    const place = this.querySelector("#found");
    const src = this.getAttribute("src");
    if (!form || !place || !src) return;
    const number = ++this.#asked;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
    place.setAttribute("aria-busy", "true");
    try {
      const response = await ask(src, { method: "POST", body, headers: { "X-Fragment": "1" } }, LONGEST_MS);
      if (response.status === 401) document.dispatchEvent(new CustomEvent("cx:signed-out"));
      const next = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("#found");
      if (response.ok && next && number === this.#asked) morph(place, document.importNode(next, true));
    } catch {
      // the next key asks again
    } finally {
      if (number === this.#asked) place.removeAttribute("aria-busy");
    }
  }
}

customElements.define("cx-category", Category);
