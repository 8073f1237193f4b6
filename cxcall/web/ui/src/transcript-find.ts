// Finding in a live transcript: rows that have the words are marked, Enter goes to the next one, Shift+Enter to the one
// before. Letters are compared as the server's search does: ي ك as ی ک, digits of any script, half-spaces as spaces.
import { digits, t } from "./page.ts";

/** One letter for one, so that nothing shifts. */
function folded(text: string): string {
  return text
    .toLowerCase()
    .replace(/[يى]/g, "ی")
    .replace(/ك/g, "ک")
    .replace(/ة/g, "ه")
    .replace(/[أإآ]/g, "ا")
    .replace(/\u200c/g, " ")
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660));
}

export class Finder {
  #form: HTMLFormElement | null;
  #hits: HTMLElement[] = [];
  #at = -1;

  constructor(private readonly whole: HTMLElement, private readonly log: HTMLElement, signal: AbortSignal) {
    const form = (this.#form = whole.querySelector<HTMLFormElement>("form.find"));
    const opener = whole.parentElement?.querySelector<HTMLElement>("[data-find]");
    if (!form || !opener) return;
    opener.addEventListener("click", () => this.#toggle(opener), { signal });
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#go(1); }, { signal });
    form.querySelector("[name=way]")?.addEventListener("click", () => this.#go(-1), { signal });
    form.addEventListener("input", () => this.#look(), { signal });
    form.addEventListener("keydown", (event) => this.#key(event, opener), { signal });
  }

  get #words(): string {
    return folded(this.#form?.querySelector("input")?.value ?? "").trim();
  }

  #toggle(opener: HTMLElement): void {
    const form = this.#form!;
    form.hidden = !form.hidden;
    opener.setAttribute("aria-expanded", String(!form.hidden));
    if (form.hidden) this.#clear();
    else form.querySelector("input")!.focus();
    this.#look();
  }

  #key(event: KeyboardEvent, opener: HTMLElement): void {
    if (event.code === "Escape") {
      event.preventDefault();
      this.#form!.hidden = false;
      this.#toggle(opener);
      opener.focus();
    } else if (event.code === "Enter" && event.shiftKey) {
      event.preventDefault();
      this.#go(-1);
    }
  }

  #look(): void {
    this.#clear();
    const words = this.#form!.hidden ? "" : this.#words;
    if (words) {
      this.#hits = [...this.log.querySelectorAll<HTMLElement>("li.turn")].filter((row) => folded(row.querySelector("p")!.textContent ?? "").includes(words));
      for (const row of this.#hits) row.classList.add("hit");
    }
    this.#say();
  }

  #clear(): void {
    for (const row of this.whole.querySelectorAll(".hit")) row.classList.remove("hit", "now");
    this.#hits = [];
    this.#at = -1;
  }

  #go(by: number): void {
    const before = this.#hits[this.#at];
    this.#look();
    if (!this.#hits.length) return;
    const at = before ? this.#hits.indexOf(before) : by > 0 ? -1 : 0;
    this.#at = (at + by + this.#hits.length) % this.#hits.length;
    const row = this.#hits[this.#at]!;
    row.classList.add("now");
    row.scrollIntoView({ block: "center" });
    this.#say();
  }

  #say(): void {
    const place = this.#form!.querySelector("output");
    if (!place) return;
    const count = String(this.#hits.length);
    if (!this.#words) place.textContent = "";
    else if (!this.#hits.length) place.textContent = t("Not found");
    else place.textContent = t("{at} of {count}", { at: digits(String(Math.max(0, this.#at) + 1)), count: digits(count) });
  }
}
