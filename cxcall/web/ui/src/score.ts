// <cx-score><form data-draft="…">…</form><span data-saved></span></cx-score>: answers to a scorecard are kept while one
// gives them, the score so far is shown, and keys answer the item that has the focus (Y, N, X, 1 to 9, 0 for 10).
import { ask, digits, t } from "./page.ts";

const QUIET_MS = 700;

/** As the server writes it: after Arabic letters the sign stays behind the number. */
function percent(share: number): string {
  const number = digits(String(Math.round(share * 100)));
  return number === String(Math.round(share * 100)) ? `${number}%` : `\u061c${number}٪`;
}

class Score extends HTMLElement {
  #timer = 0;
  #busy = false;
  #again = false;
  /** Somebody else's draft is kept: nothing is sent until the reader has chosen. */
  #stopped = false;
  #end = new AbortController();

  get #form(): HTMLFormElement | null {
    return this.querySelector("form");
  }

  connectedCallback(): void {
    const form = this.#form;
    if (!form) return;
    const { signal } = this.#end;
    for (const hidden of this.querySelectorAll<HTMLElement>("[data-scripted]")) hidden.hidden = false;
    form.addEventListener("input", (event) => this.#changed(event), { signal });
    form.addEventListener("keydown", (event) => this.#key(event), { signal });
    form.addEventListener("submit", () => clearTimeout(this.#timer), { signal });
    this.#one("[data-theirs]")?.addEventListener("click", () => location.reload(), { signal });
    this.#one("[data-mine]")?.addEventListener("click", () => this.#goOn(), { signal });
    this.#show();
    const first = document.querySelector<HTMLElement>("[data-first]");
    if (first) document.getElementById(first.dataset["first"] ?? "")?.querySelector<HTMLElement>("input")?.focus();
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
    this.#end.abort();
    this.#end = new AbortController();
  }

  #changed(event: Event): void {
    if (event.target instanceof HTMLInputElement && event.target.type === "radio") {
      const heard = event.target.closest("[data-item]")?.querySelector<HTMLElement>("[data-heard]");
      heard?.remove();
    }
    this.#show();
    clearTimeout(this.#timer);
    if (this.#form?.dataset["draft"] && !this.#stopped) this.#timer = window.setTimeout(() => void this.#save(), QUIET_MS);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target as HTMLElement;
    if (!(target instanceof HTMLInputElement) || target.type !== "radio") return;
    const pressed = event.code.replace(/^(Key|Digit|Numpad)/, "");
    const item = target.closest("[data-item]");
    const choice = item?.querySelector<HTMLInputElement>(`input[data-key="${CSS.escape(pressed)}"]`);
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    choice.focus();
    choice.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #show(): void {
    const out = this.querySelector<HTMLElement>("[data-score]");
    if (!out) return;
    let reached = 0;
    let possible = 0;
    let missed = false;
    for (const item of this.querySelectorAll<HTMLElement>("[data-item]")) {
      const chosen = item.querySelector<HTMLInputElement>("input:checked");
      if (!chosen || chosen.value === "na") continue;
      const share = Number(item.dataset["share"]);
      const steps = [...item.querySelectorAll<HTMLInputElement>("input[type=radio]")].map((one) => Number(one.value)).filter((n) => !Number.isNaN(n));
      const [least, most] = [Math.min(...steps), Math.max(...steps)];
      possible += share;
      reached += share * ((Number(chosen.value) - least) / (most - least));
      if ("critical" in item.dataset && chosen.value === "0") missed = true;
    }
    const whole = missed ? 0 : possible ? reached / possible : null;
    out.textContent = whole === null ? "–" : percent(whole);
  }

  async #save(): Promise<void> {
    const form = this.#form;
    if (!form) return;
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    this.#say(t("Saving"));
    try {
      const fields = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (name !== "csrf" && typeof value === "string") fields.append(name, value);
      const response = await ask(form.dataset["draft"] ?? "", { method: "POST", body: fields, headers: { "X-Autosave": "1" } });
      const told = (await response.json()) as { version?: number | null; error?: string };
      if (response.status === 409) {
        this.#stop(told.version ?? null);
        return;
      }
      if (!response.ok) throw new Error(told.error);
      const version = form.elements.namedItem("version");
      if (version instanceof HTMLInputElement) version.value = String(told.version);
      this.#say(t("Saved"));
    } catch (error) {
      this.#say(error instanceof Error && error.message ? error.message : t("Not saved, will try again"));
      this.#timer = window.setTimeout(() => void this.#save(), 5000);
    } finally {
      this.#busy = false;
      if (this.#again && !this.#stopped) {
        this.#again = false;
        void this.#save();
      }
    }
  }

  /** The draft was changed elsewhere; `newest` is the version that is kept, null where none can be kept any more. */
  #stop(newest: number | null): void {
    this.#stopped = true;
    this.#again = false;
    this.#say("");
    const told = this.#one("[data-changed]");
    const mine = this.#one("[data-mine]");
    if (!told || !mine) return;
    mine.dataset["mine"] = String(newest ?? "");
    mine.hidden = newest === null;
    told.hidden = false;
    (newest === null ? this.#one("[data-theirs]") : mine)?.focus();
  }

  /** What is here goes over what is kept, which the reader has been told of. */
  #goOn(): void {
    const version = this.#form?.elements.namedItem("version");
    if (version instanceof HTMLInputElement) version.value = this.#one("[data-mine]")?.dataset["mine"] ?? version.value;
    const told = this.#one("[data-changed]");
    if (told) told.hidden = true;
    this.#stopped = false;
    void this.#save();
  }

  #one(selector: string): HTMLElement | null {
    return this.querySelector<HTMLElement>(selector);
  }

  #say(text: string): void {
    const saved = this.querySelector<HTMLElement>("[data-saved]");
    if (saved) saved.textContent = text;
  }
}

customElements.define("cx-score", Score);
