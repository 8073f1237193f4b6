// <cx-transcript channel="transcript:…" seq="…" turns="/live/…/turns" parts="/live/…/parts">: the words of a call as they
// are said. The server wrote the turns so far; messages add and replace. What is being said is a partial turn, which
// becomes the final one. Whoever reads further up is never moved. Missed messages: the turns are fetched anew and put
// in, nothing twice. Mood, topics and hints (`parts`) are made by the server and fetched when the call's state changes.
import { live, type Message } from "./live.ts";
import { morph } from "./morph.ts";
import { ask, digits, duration, t } from "./page.ts";
import { Finder } from "./transcript-find.ts";

type Side = "customer" | "agent" | "unknown";
type Mark = [from: number, to: number, kind: string];
type Said = { speaker: Side; agent_name: string; start: number; text: string };
type Turn = Said & { kind: "turn"; n: number; end: number; sentiment: number | null; marks: Mark[] };
type Partial = Said & { kind: "partial" };
type News = Turn | Partial | { kind: "state" | "gap" | "over" } | { kind: "held"; held: boolean };

const NEAR_PX = 40;
const SAY_MS = 3000;
const PARTS_MS = 1000;
const PARTIALS_MS = 120;
const SHARP = -0.4;
const CLEAR = 0.2;

export class CxTranscript extends HTMLElement {
  #log = this.querySelector<HTMLElement>("[role=log]");
  #rows = new Map<string, HTMLElement>();
  /** The number of the message a row is from, so that an older answer of the server does not undo it. */
  #from = new Map<string, number>();
  #offset = 0;
  #stuck = true;
  #at = 0;
  #unread = 0;
  #settling = false;
  #said = -Infinity;
  #toSay = "";
  #saying = 0;
  #fetching = false;
  #again = false;
  #pending = new Map<string, Partial>();
  #partialsTimer = 0;
  #partialsLast = -Infinity;
  #partsTimer = 0;
  #partsLast = -Infinity;
  #end = new AbortController();

  connectedCallback(): void {
    this.#log = this.querySelector<HTMLElement>("[role=log]");
    const { signal } = (this.#end = new AbortController());
    const seq = Number(this.getAttribute("seq"));
    const off = live.on(this.getAttribute("channel")!, (message) => this.#take(message), seq || undefined);
    signal.addEventListener("abort", off);
    const log = this.#log;
    if (!log) return;
    this.#learn();
    log.addEventListener("scroll", () => this.#scrolled(), { passive: true, signal });
    this.querySelector(".newer")?.addEventListener("click", () => this.#toEnd(), { signal });
    const sizes = new ResizeObserver(() => this.#settle());
    sizes.observe(log);
    signal.addEventListener("abort", () => sizes.disconnect());
    new Finder(this, log, signal);
    this.#settle();
  }

  disconnectedCallback(): void {
    this.#end.abort();
    clearTimeout(this.#saying);
    clearTimeout(this.#partsTimer);
    clearTimeout(this.#partialsTimer);
    this.#rows.clear();
    this.#from.clear();
  }

  /** The rows that are in the page. */
  #learn(): void {
    const list = this.querySelector<HTMLElement>(".turns");
    this.#offset = Number(list?.dataset.offset ?? 0);
    this.#rows = new Map([...this.querySelectorAll<HTMLElement>("li.turn")].map((row) => [keyOf(row), row]));
  }

  #take(message: Message): void {
    if (!this.#log) {
      // Nothing was heard so far. Now something is: whoever wrote this page makes it anew.
      this.dispatchEvent(new CustomEvent("cx:redraw", { bubbles: true }));
      return;
    }
    if (message.t === "snap") {
      void this.#fetch();
      this.#partsSoon();
      return;
    }
    const news = message.d as News;
    if (news.kind === "turn") this.#turn(news, message.seq);
    else if (news.kind === "partial") return this.#partialSoon(news, message.seq);
    else if (news.kind === "held") this.#held(news.held);
    else if (news.kind === "gap") void this.#fetch();
    else this.#partsSoon();
    if (news.kind === "over") void this.#fetch();
    this.#settle();
  }

  /** What is being said changes often: the newest is shown, eight times a second at most. */
  #partialSoon(said: Partial, seq: number): void {
    const key = whoseKey(said);
    this.#from.set(key, seq);
    this.#pending.set(key, said);
    const wait = Math.max(0, this.#partialsLast + PARTIALS_MS - performance.now());
    this.#partialsTimer ||= window.setTimeout(() => this.#partials(), wait);
  }

  #partials(): void {
    clearTimeout(this.#partialsTimer);
    this.#partialsTimer = 0;
    this.#partialsLast = performance.now();
    for (const [key, said] of this.#pending) this.#partial(key, said);
    this.#pending.clear();
    this.#settle();
  }

  #partial(key: string, said: Partial): void {
    const row = this.#rows.get(key);
    if (!said.text) {
      row?.remove();
      this.#rows.delete(key);
      return;
    }
    const shown = row ?? this.#add(key, said);
    if (Number(shown.dataset.start) !== said.start) this.#place(shown, said.start);
    const place = shown.querySelector("p")!;
    if (place.firstChild) place.firstChild.nodeValue = said.text;
    else place.append(said.text);
  }

  #turn(said: Turn, seq: number): void {
    if (this.#pending.size) this.#partials();
    const key = `n${said.n}`;
    this.#from.set(key, seq);
    let row = this.#rows.get(key);
    if (!row) {
      row = this.#finished(said) ?? this.#add(key, said);
      this.#rows.set(key, row);
      row.dataset.n = String(said.n);
      this.#announce(row, said.text);
      if (!this.#stuck) this.#unread += 1;
    }
    if (Number(row.dataset.start) !== said.start) this.#place(row, said.start);
    this.#fill(row, said);
  }

  /** The partial turn that this final one ends, if there is one: it becomes the final turn where it stands. */
  #finished(said: Turn): HTMLElement | undefined {
    const key = whoseKey(said);
    const row = this.#rows.get(key);
    if (!row || Number(row.dataset.start) >= said.end) return undefined;
    this.#rows.delete(key);
    row.classList.remove("partial");
    delete row.dataset.who;
    return row;
  }

  #fill(row: HTMLElement, said: Turn): void {
    const place = row.querySelector("p")!;
    place.replaceChildren(...pieces(said.text, said.marks, t("hidden number")));
    const felt = said.speaker === "customer" ? said.sentiment : null;
    place.classList.toggle("bad-edge", felt !== null && felt <= SHARP);
    row.querySelector("time")!.textContent = duration((said.start + this.#offset) * 1000);
    row.querySelector(".senti")?.remove();
    if (felt !== null) row.querySelector(".meta")!.append(this.#mould(felt >= CLEAR ? "pos" : felt <= -CLEAR ? "neg" : "neu"));
  }

  #add(key: string, said: Said): HTMLElement {
    const row = this.#mould(said.speaker);
    if (said.speaker === "agent") {
      const me = (this.getAttribute("me") ?? "").split("\n");
      const mine = said.agent_name !== "" && me.some((name) => name.toLowerCase() === said.agent_name.toLowerCase());
      const name = mine ? me[0]! : said.agent_name;
      if (name) row.querySelector("bdi")!.textContent = mine ? t("{name} (you)", { name }) : name;
      row.querySelector(".ava")!.textContent = initials(name);
    }
    if (!key.startsWith("n")) {
      row.classList.add("partial");
      row.dataset.who = key;
    }
    this.#rows.set(key, row);
    this.#place(row, said.start);
    return row;
  }

  /** By the time it began; rows that came late stand where they belong. */
  #place(row: HTMLElement, start: number): void {
    row.dataset.start = String(start);
    const list = this.querySelector(".turns")!;
    let before = list.lastElementChild as HTMLElement | null;
    while (before && (before === row || Number(before.dataset.start) > start)) before = before.previousElementSibling as HTMLElement | null;
    if (before ? before.nextElementSibling !== row : list.firstElementChild !== row) {
      if (before) before.after(row);
      else list.prepend(row);
    }
  }

  #mould(name: string): HTMLElement {
    const mould = this.querySelector<HTMLTemplateElement>(`template[data-mould="${name}"]`)!;
    return mould.content.firstElementChild!.cloneNode(true) as HTMLElement;
  }

  #held(held: boolean): void {
    const line = this.querySelector<HTMLElement>("[data-held]");
    if (line) line.hidden = !held;
    if (!held) window.setTimeout(() => void this.#fetch(), PARTS_MS);
  }

  /** The turns as the server has them, after something was missed. */
  async #fetch(): Promise<void> {
    if (this.#fetching) {
      this.#again = true;
      return;
    }
    this.#fetching = true;
    try {
      do {
        this.#again = false;
        const response = await ask(this.getAttribute("turns")!);
        if (response.ok) this.#put(await response.text());
      } while (this.#again);
    } catch {
      // Cut off again: the next snapshot after it is back brings us here once more.
    } finally {
      this.#fetching = false;
    }
  }

  #put(html: string): void {
    const list = this.querySelector<HTMLElement>(".turns")!;
    const next = new DOMParser().parseFromString(html, "text/html").querySelector<HTMLElement>(".turns");
    if (!next) return;
    const seq = Number(next.dataset.seq);
    this.#offset = Number(next.dataset.offset);
    list.querySelectorAll("[data-gap]").forEach((row) => row.remove());
    const named = new Set<string>();
    for (const fresh of [...next.children] as HTMLElement[]) {
      const key = fresh.matches("li.turn") ? keyOf(fresh) : "";
      named.add(key);
      const had = this.#rows.get(key);
      if (key && (this.#from.get(key) ?? 0) > seq) continue; // a message was newer
      const row = document.importNode(fresh, true);
      if (had) had.replaceWith(row);
      else {
        this.#place(row, Number(fresh.dataset.start));
        if (key.startsWith("n") && !this.#stuck) this.#unread += 1;
      }
      if (key) this.#rows.set(key, row);
    }
    for (const [key, row] of [...this.#rows]) {
      if (named.has(key) || (this.#from.get(key) ?? 0) > seq) continue;
      row.remove();
      this.#rows.delete(key);
    }
    this.#settle();
  }

  #partsSoon(): void {
    const wait = Math.max(0, this.#partsLast + PARTS_MS - performance.now());
    this.#partsTimer ||= window.setTimeout(() => void this.#parts(), wait);
  }

  async #parts(): Promise<void> {
    this.#partsTimer = 0;
    this.#partsLast = performance.now();
    const from = this.getAttribute("parts");
    if (!from) return;
    try {
      const response = await ask(from);
      if (!response.ok) return;
      const next = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const part of [...next.body.children]) {
        const now = document.getElementById(part.id);
        if (now) morph(now, part);
      }
    } catch {
      // The pill says that we are cut off; what is shown stays.
    }
  }

  #scrolled(): void {
    const log = this.#log!;
    const end = log.scrollHeight - log.clientHeight;
    if (log.scrollTop >= end - NEAR_PX) {
      this.#stuck = true;
      this.#unread = 0;
    } else if (log.scrollTop < this.#at - 1) this.#stuck = false;
    this.#at = log.scrollTop;
    this.#showUnread();
  }

  #toEnd(): void {
    this.#stuck = true;
    this.#unread = 0;
    this.#settle();
    this.#log?.focus({ preventScroll: true });
  }

  /** Once after all that came in one go: to the end for whoever reads there, a number for whoever reads above. */
  #settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    queueMicrotask(() => {
      this.#settling = false;
      const log = this.#log;
      if (!log?.isConnected) return;
      if (this.#stuck) {
        log.scrollTop = log.scrollHeight;
        this.#at = log.scrollTop;
      }
      this.#showUnread();
    });
  }

  #showUnread(): void {
    const button = this.querySelector<HTMLElement>(".newer");
    if (!button) return;
    button.hidden = this.#stuck || this.#unread === 0;
    if (!button.hidden) button.querySelector("span")!.textContent = t("{n} new", { n: digits(String(this.#unread)) });
  }

  /** Finished turns are told to screen readers, the newest one and at most one every three seconds. */
  #announce(row: HTMLElement, text: string): void {
    if (this.hasAttribute("quiet")) return;
    this.#toSay = `${row.querySelector("b")?.textContent ?? ""}: ${text}`;
    const wait = Math.max(0, this.#said + SAY_MS - performance.now());
    this.#saying ||= window.setTimeout(() => {
      this.#saying = 0;
      this.#said = performance.now();
      const place = this.querySelector("[data-say]");
      if (place) place.textContent = this.#toSay;
    }, wait);
  }
}

const whoseKey = (said: Said): string => `${said.speaker}:${said.speaker === "agent" ? said.agent_name : ""}`;
const keyOf = (row: HTMLElement): string => (row.dataset.n ? `n${row.dataset.n}` : (row.dataset.who ?? ""));

/** Two letters of a name, one where they would join, as the server writes them. */
function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const [first, last] = [words[0]?.[0] ?? "", words.at(-1)?.[0] ?? ""];
  return words.length < 2 || /[\u0600-\u08ff]/.test(words[0]!) ? first : (first + last).toUpperCase();
}

/** The text cut at its marks, which count characters and not the halves that JavaScript counts. */
function pieces(text: string, marks: readonly Mark[], hidden: string): (Node | string)[] {
  if (!marks.length) return [text];
  const letters = Array.from(text);
  const found: (Node | string)[] = [];
  let at = 0;
  for (const [from, to, kind] of [...marks].sort((one, other) => one[0] - other[0])) {
    if (from < at || to <= from || to > letters.length) continue;
    if (from > at) found.push(letters.slice(at, from).join(""));
    const words = letters.slice(from, to).join("");
    if (kind === "hidden") {
      const dots = Object.assign(document.createElement("span"), { className: "redact", textContent: words });
      dots.setAttribute("role", "img");
      dots.setAttribute("aria-label", hidden);
      found.push(dots);
    } else found.push(Object.assign(document.createElement("mark"), { className: kind, textContent: words }));
    at = to;
  }
  if (at < letters.length) found.push(letters.slice(at).join(""));
  return found;
}

customElements.define("cx-transcript", CxTranscript);
