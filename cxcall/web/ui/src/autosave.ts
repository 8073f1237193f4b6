// <cx-autosave><form method="post" action="…"><textarea name="text"></textarea><button>Save</button></form>
// <span data-saved></span></cx-autosave>: the form is sent while one types. What can't be sent is kept in this browser and
// sent when the server answers again. `key` names the draft where the action alone doesn't.
import { ask, t } from "./page.ts";

const QUIET_MS = 700;
const LONGEST_MS = 2000;

class Autosave extends HTMLElement {
  #timer = 0;
  #first = 0;
  #sent = "";
  #tries = 0;
  #busy = false;
  #end = new AbortController();

  get #form(): HTMLFormElement | null {
    return this.querySelector("form");
  }

  get #key(): string {
    return `cxcall:draft:${this.getAttribute("key") ?? this.#form?.getAttribute("action") ?? ""}`;
  }

  connectedCallback(): void {
    const form = this.#form;
    if (!form) return;
    const { signal } = this.#end;
    this.#sent = this.#read();
    form.addEventListener("input", () => this.#changed(), { signal });
    form.addEventListener("submit", (event) => { event.preventDefault(); void this.#save(); }, { signal });
    addEventListener("online", () => void this.#save(), { signal });
    addEventListener("pagehide", () => void this.#save(true), { signal });
    document.addEventListener("cx:live", (event) => (event as CustomEvent).detail === "live" && void this.#save(), { signal });
    this.#restore(form);
  }

  disconnectedCallback(): void {
    void this.#save(true);
    clearTimeout(this.#timer);
    this.#end.abort();
    this.#end = new AbortController();
  }

  #read(): string {
    const form = this.#form;
    if (!form) return "";
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (name !== "csrf" && typeof value === "string") fields.append(name, value);
    return fields.toString();
  }

  #restore(form: HTMLFormElement): void {
    const draft = localStorage.getItem(this.#key);
    if (draft === null || draft === this.#sent) return;
    for (const [name, value] of new URLSearchParams(draft)) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement) field.value = value;
    }
    void this.#save();
  }

  #changed(): void {
    localStorage.setItem(this.#key, this.#read());
    this.#first ||= Date.now();
    clearTimeout(this.#timer);
    const wait = Math.min(QUIET_MS, Math.max(0, this.#first + LONGEST_MS - Date.now()));
    this.#timer = window.setTimeout(() => void this.#save(), wait);
  }

  async #save(leaving = false): Promise<void> {
    clearTimeout(this.#timer);
    this.#first = 0;
    const body = this.#read();
    const form = this.#form;
    if (!form || this.#busy || body === this.#sent) return;
    this.#busy = true;
    this.#say(t("Saving"), "saving");
    try {
      const init: RequestInit = { method: "POST", body: new URLSearchParams(body), keepalive: leaving };
      const response = await ask(form.action, { ...init, headers: { "X-Autosave": "1" } });
      if (response.status === 401) document.dispatchEvent(new CustomEvent("cx:signed-out"));
      if (!response.ok) throw new Error(String(response.status));
      this.#sent = body;
      this.#tries = 0;
      if (localStorage.getItem(this.#key) === body) localStorage.removeItem(this.#key);
      this.#say(t("Saved"), "saved");
    } catch {
      this.#say(t("Not saved, will try again"), "unsaved");
      if (!leaving) this.#timer = window.setTimeout(() => void this.#save(), Math.min(15_000, 1000 * 2 ** this.#tries++));
    } finally {
      this.#busy = false;
    }
    if (this.#sent === body && this.#read() !== body) this.#changed();
  }

  #say(text: string, state: string): void {
    const place = this.querySelector<HTMLElement>("[data-saved]");
    if (!place) return;
    place.textContent = text;
    place.dataset.saved = state;
  }
}

customElements.define("cx-autosave", Autosave);
