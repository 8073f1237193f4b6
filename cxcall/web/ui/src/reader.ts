// <cx-reader>: a call's transcript as the server wrote it. In step with the recording (cx-wave), a click on a turn seeks;
// find with / and Enter, in Persian and Arabic forms of letters alike. Matches are highlights of the browser: the text itself
// is not touched, so newer HTML from the server can be put in at any time.
import { fold } from "./folding.ts";
import { digits, t, typing } from "./page.ts";
import { toast } from "./toast.ts";
import type { Wave } from "./wave.ts";

const LEAST = 2; // letters: one alone is everywhere
const MOST = 1000;

const wave = (): Wave | null => document.querySelector<Wave>("cx-wave:defined");
const seconds = (turn: HTMLElement): number => Number(turn.dataset.from);

class Reader extends HTMLElement {
  #found: Range[] = [];
  #at = -1;

  connectedCallback(): void {
    this.addEventListener("click", this.#click);
    this.addEventListener("input", (event) => (event.target as Element).matches("[data-find]") && this.#look(true));
    this.addEventListener("keydown", this.#inField);
    document.addEventListener("keydown", this.#keys, { capture: true });
    document.addEventListener("cx:time", this.#inStep);
    document.addEventListener("cx:turn", this.#turn);
    document.addEventListener("cx:refreshed", this.#prepare);
    this.#prepare();
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.#keys, { capture: true });
    document.removeEventListener("cx:time", this.#inStep);
    document.removeEventListener("cx:turn", this.#turn);
    document.removeEventListener("cx:refreshed", this.#prepare);
    this.#mark([]);
  }

  #prepare = (): void => {
    for (const part of this.querySelectorAll("[data-scripted]")) part.removeAttribute("hidden");
    if (this.#field?.value) this.#look(false);
    const player = wave();
    if (player && player.now > 0) this.#show(player.now);
  };

  get #field(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>("[data-find]");
  }

  get #turns(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("li[data-from]")];
  }

  // ---- in step with the recording

  #inStep = (event: Event): void => this.#show((event as CustomEvent<number>).detail);

  #show(now: number): void {
    const turns = this.#turns;
    let current: HTMLElement | undefined;
    for (const turn of turns) if (seconds(turn) <= now + 0.15 && (now > 0 || seconds(turn) > 0)) current = turn;
    const before = turns.find((turn) => turn.classList.contains("now"));
    if (before === current) return;
    const follows = wave()?.playing && (!before || seen(before));
    before?.classList.remove("now");
    before?.removeAttribute("aria-current");
    current?.classList.add("now");
    current?.setAttribute("aria-current", "true");
    if (follows && current && !this.contains(document.activeElement)) current.scrollIntoView({ block: "nearest" });
  }

  /** To the turn before or after the current one. */
  #turn = (event: Event): void => {
    const player = wave();
    const turns = this.#turns;
    if (!player || !turns.length) return;
    const by = (event as CustomEvent<number>).detail;
    const now = player.now;
    const next =
      by > 0 ? turns.find((turn) => seconds(turn) > now + 0.2) : turns.findLast((turn) => seconds(turn) < now - 1) ?? turns[0];
    if (next) player.seek(seconds(next));
    next?.scrollIntoView({ block: "nearest" });
  };

  #click = (event: MouseEvent): void => {
    const target = event.target as Element;
    if (target.closest("[data-next]")) return this.#go(1);
    if (target.closest("[data-before]")) return this.#go(-1);
    const turn = target.closest<HTMLElement>("li[data-from]");
    const player = wave();
    if (!turn || !player || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = target.closest("a");
    if (link ? !link.matches("[data-at]") : target.closest("button, summary, form, details")) return;
    if (!link && document.getSelection()?.toString()) return; // somebody marks text to copy it
    event.preventDefault();
    player.seek(seconds(turn));
    if (link) history.replaceState(history.state, "", link.getAttribute("href"));
  };

  // ---- find

  #keys = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || typing(event.target)) return;
    if (!("shortcuts" in document.body.dataset) || document.querySelector("dialog[open]")) return;
    if (event.code === "Slash" && !event.shiftKey && this.#field) this.#field.select();
    else if (event.code === "KeyC" && !event.shiftKey && !document.getSelection()?.toString()) document.querySelector<HTMLElement>("[data-copylink]")?.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  #inField = (event: KeyboardEvent): void => {
    if (!(event.target as Element).matches("[data-find]") || event.isComposing) return;
    if (event.key === "Enter") this.#go(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && this.#field) {
      this.#field.value = "";
      this.#look(true);
      this.#field.blur();
    } else return;
    event.preventDefault();
  };

  #look(first: boolean): void {
    const wanted = fold(this.#field?.value.trim() ?? "").text;
    const found: Range[] = [];
    if (wanted.length >= LEAST) {
      for (const turn of this.querySelectorAll("[data-words]")) {
        found.push(...ranges(turn, wanted));
        if (found.length >= MOST) break;
      }
    }
    this.#found = found;
    this.#at = first ? -1 : Math.min(this.#at, found.length - 1);
    this.#mark(found);
    this.#count(wanted.length >= LEAST);
  }

  #go(by: number): void {
    if (!this.#found.length) return;
    this.#at = this.#at < 0 ? (by > 0 ? 0 : this.#found.length - 1) : (this.#at + by + this.#found.length) % this.#found.length;
    const turn = this.#found[this.#at]?.startContainer.parentElement?.closest<HTMLElement>("li");
    turn?.scrollIntoView({ block: "center" });
    this.#mark(this.#found);
    this.#count(true);
    const player = wave();
    if (turn && player && !player.playing) player.seek(seconds(turn));
  }

  #mark(found: Range[]): void {
    if (!("highlights" in CSS)) return;
    CSS.highlights.set("found", new Highlight(...found.filter((_, n) => n !== this.#at)));
    const now = found[this.#at];
    CSS.highlights.set("found-now", now ? new Highlight(now) : new Highlight());
  }

  #count(asked: boolean): void {
    const [n, all] = [digits(String(this.#at + 1)), digits(String(this.#found.length))];
    const text = !asked ? "" : !this.#found.length ? t("Not found") : this.#at < 0 ? t("{all} found", { all }) : t("{at} of {count}", { at: n, count: all });
    const place = this.querySelector("[data-count]");
    if (place) place.textContent = text;
    for (const button of this.querySelectorAll<HTMLButtonElement>("[data-next], [data-before]")) button.disabled = !this.#found.length;
  }
}

function seen(element: Element): boolean {
  const box = element.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}

/** Where `wanted` stands in the text of `element`, over all its parts. */
function ranges(element: Element, wanted: string): Range[] {
  const parts: { node: Text; from: number }[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let whole = "";
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    parts.push({ node, from: whole.length });
    whole += node.data;
  }
  const { text, places } = fold(whole);
  const point = (place: number): [Text, number] | null => {
    const part = parts.findLast(({ from }) => from <= place);
    return part ? [part.node, place - part.from] : null;
  };
  const found: Range[] = [];
  for (let n = text.indexOf(wanted); n >= 0; n = text.indexOf(wanted, n + wanted.length)) {
    const [start, last] = [point(places[n] ?? 0), point(places[n + wanted.length - 1] ?? 0)];
    if (!start || !last) continue;
    const range = new Range();
    range.setStart(...start);
    range.setEnd(last[0], last[1] + 1);
    found.push(range);
  }
  return found;
}

customElements.define("cx-reader", Reader);

/** The address of this page at the moment heard now. */
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest?.("[data-copylink]");
  if (!button) return;
  const url = new URL(location.href);
  url.hash = "";
  url.search = "";
  const player = wave();
  const at = player ? Math.floor(player.now - Number(player.getAttribute("shift") ?? 0)) : 0;
  if (at > 0) url.searchParams.set("t", String(at));
  void navigator.clipboard?.writeText(url.href).then(() => toast(t("Copied")));
});

