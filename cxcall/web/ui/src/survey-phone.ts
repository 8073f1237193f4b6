// <cx-phone>: plays what the server says is heard now, one prompt after the other, takes keys, and waits as the phone does.
// The dialogue itself is the server's: every key is sent and the next prompts come back.
import { morph } from "./morph.ts";
import { ask, t } from "./page.ts";
import { toast } from "./toast.ts";

class Phone extends HTMLElement {
  #timer = 0;
  #playing: HTMLAudioElement | null = null;
  #turn = 0;
  #end = new AbortController();

  connectedCallback(): void {
    const { signal } = this.#end;
    this.addEventListener("submit", (event) => this.#submit(event), { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    document.addEventListener("cx:draft", () => void this.#fetch("off"), { signal });
  }

  disconnectedCallback(): void {
    this.#stop();
    this.#end.abort();
    this.#end = new AbortController();
  }

  get #form(): HTMLFormElement | null {
    return this.querySelector("form");
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const key = (event.submitter as HTMLButtonElement | null)?.value ?? "";
    const start = key === "";
    void this.#fetch(key, start);
  }

  #key(event: KeyboardEvent): void {
    const key = event.key.replace(/[۰-۹]/g, (d) => String(d.charCodeAt(0) - 0x06f0));
    if (event.ctrlKey || event.metaKey || event.altKey || !/^[0-9*#]$/.test(key)) return;
    if (!this.querySelector(".pad")) return;
    event.preventDefault();
    void this.#fetch(key);
  }

  async #fetch(key: string, start = false): Promise<void> {
    const form = this.#form;
    if (!form) return;
    if (key === "off" && !this.querySelector(".pad")) return;
    this.#stop();
    const turn = ++this.#turn;
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") query.append(name, value);
    if (start) query.set("said", "");
    query.set("key", key);
    try {
      const response = await ask(`${form.dataset.fragment ?? ""}?${query.toString()}`);
      if (!response.ok) throw new Error(String(response.status));
      const text = await response.text();
      if (turn === this.#turn) this.#put(text, turn);
    } catch {
      toast(t("The server did not answer. Try again."), { bad: true });
    }
  }

  #put(text: string, turn: number): void {
    const had = this.contains(document.activeElement) ? (document.activeElement as HTMLButtonElement).value : null;
    const next = document.implementation.createHTMLDocument().importNode(this, false);
    next.innerHTML = text;
    morph(this, next);
    if (had !== null && !this.contains(document.activeElement)) (this.querySelector<HTMLElement>(".pad button") ?? this.querySelector<HTMLElement>("button"))?.focus();
    void this.#play(turn);
  }

  async #play(turn: number): Promise<void> {
    for (const line of this.querySelectorAll<HTMLElement>(".heardline")) {
      const audio = line.querySelector("audio");
      if (turn !== this.#turn) return;
      line.dataset.playing = "";
      if (audio) await this.#listen(audio);
      delete line.dataset.playing;
    }
    const wait = this.querySelector<HTMLElement>(".handset")?.dataset.wait ?? "0";
    const over = this.querySelector<HTMLElement>(".handset")?.dataset.over;
    if (turn !== this.#turn || over || !this.querySelector(".pad")) return;
    this.#timer = window.setTimeout(() => turn === this.#turn && void this.#fetch(this.querySelector("[value=r]") ? "r" : "t"), Number(wait) * 1000);
  }

  /** Until it was heard, was stopped, or could not be played. */
  #listen(audio: HTMLAudioElement): Promise<void> {
    this.#playing = audio;
    audio.currentTime = 0;
    return new Promise((resolve) => {
      for (const name of ["ended", "pause", "error"]) audio.addEventListener(name, () => resolve(), { once: true });
      audio.play().catch(() => resolve());
    });
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#playing?.pause();
    this.#playing = null;
  }
}

customElements.define("cx-phone", Phone);
