// <cx-wave seconds="246" peaks="/calls/…/peaks" holds="120-166 …" at="71">: the player of a call around the <audio> the
// server wrote. wavesurfer draws both speakers on peaks made by the server and its line shows the moment; sentiment, markers
// and holds are the server's own drawing over it. Time runs from left to right in every language.
// It tells `cx:time` (seconds) as the recording goes on, and seeks when asked to.
import WaveSurfer from "wavesurfer.js";
import { duration, t, typing } from "./page.ts";
import { silences, type Span } from "./silences.ts";

const STEP_S = 5;
const HALF_PX = 54;
const AGAIN_MS = 1000; // a key that is held down seeks smoothly, what is read aloud is said once
const RATE_KEY = "cx-rate";
const SKIP_KEY = "cx-skip";

type Peaks = { seconds: number; channels: number[][] };

const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** `colour` as what was not heard yet: paler, but not see-through, because the heard part is painted over it. */
function pale(colour: string): string {
  const parts = (hex: string): number[] => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const ground = parts(token("surface"));
  return `rgb(${parts(colour).map((part, n) => Math.round(0.42 * part + 0.58 * (ground[n] ?? 0))).join(" ")})`;
}

/** Customer above, agent below; a recording of one channel is neither. */
function channels(mono: boolean): { waveColor: string; progressColor: string; height: number; barAlign?: "top" | "bottom" }[] {
  const colours = mono ? [token("text-3")] : [token("v-cust"), token("v-agent")];
  return colours.map((colour, n) => ({
    waveColor: pale(colour),
    progressColor: colour,
    height: mono ? 2 * HALF_PX : HALF_PX,
    ...(mono ? {} : { barAlign: n ? ("top" as const) : ("bottom" as const) }),
  }));
}

export class Wave extends HTMLElement {
  #wave: WaveSurfer | undefined;
  #audio: HTMLAudioElement | undefined;
  #quiet: Span[] = [];
  #mono = false;
  #wanted: number | undefined; // where to begin: nothing is loaded before somebody plays
  #said = 0;
  #theme: MutationObserver | undefined;
  #dark = matchMedia("(prefers-color-scheme: dark)");

  connectedCallback(): void {
    this.addEventListener("click", this.#click);
    document.addEventListener("keydown", this.#keys, { capture: true });
    document.addEventListener("cx:refreshed", this.#prepare);
    this.#dark.addEventListener("change", this.#colours);
    this.#theme = new MutationObserver(() => requestAnimationFrame(this.#colours));
    this.#theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.#prepare();
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.#keys, { capture: true });
    document.removeEventListener("cx:refreshed", this.#prepare);
    this.#dark.removeEventListener("change", this.#colours);
    this.#theme?.disconnect();
    this.#audio?.pause();
    this.#wave?.destroy();
    this.#wave = undefined;
  }

  get now(): number {
    return this.#wanted ?? this.#audio?.currentTime ?? 0;
  }

  get playing(): boolean {
    return this.#audio !== undefined && !this.#audio.paused && !this.#audio.ended;
  }

  get seconds(): number {
    return Number(this.getAttribute("seconds")) || this.#audio?.duration || 1;
  }

  seek(to: number): void {
    if (!this.#audio) return;
    const at = Math.max(0, Math.min(to, this.seconds - 0.05));
    if (this.#audio.readyState < HTMLMediaElement.HAVE_METADATA) this.#wanted = at;
    else this.#audio.currentTime = at;
    this.#wave?.setTime(at);
    this.#moved();
  }

  /** Take the place of the browser's own controls; again when newer HTML brought them back. */
  #prepare = (): void => {
    const audio = this.querySelector("audio");
    if (!audio) return;
    audio.controls = false;
    audio.hidden = true;
    for (const part of this.querySelectorAll("[data-scripted]")) part.removeAttribute("hidden"); // also of <svg>
    if (audio !== this.#audio) {
      this.#audio = audio;
      audio.preservesPitch = true;
      for (const name of ["play", "pause", "ended", "seeking"]) audio.addEventListener(name, this.#moved);
      audio.addEventListener("timeupdate", this.#went);
      audio.addEventListener("loadedmetadata", this.#loaded);
      audio.addEventListener("error", () => this.#failed());
      void this.#draw(audio);
    }
    this.toggleAttribute("drawn", this.#wave !== undefined);
    this.#show();
  };

  async #draw(audio: HTMLAudioElement): Promise<void> {
    const place = this.querySelector<HTMLElement>("[data-wave]");
    if (!place) return;
    let peaks: Peaks;
    try {
      const response = await fetch(this.getAttribute("peaks") ?? "", { signal: AbortSignal.timeout(70_000) });
      if (!response.ok) throw new Error(String(response.status));
      peaks = (await response.json()) as Peaks;
    } catch {
      return; // the recording can be heard without its picture
    }
    if (!this.isConnected || audio !== this.#audio) return;
    this.#mono = peaks.channels.length < 2;
    this.#quiet = silences(peaks.channels, peaks.seconds, this.#holds());
    const highest = peaks.channels.reduce((most, one) => one.reduce((a, b) => Math.max(a, b), most), 0.05);
    this.#wave?.destroy();
    this.#wave = WaveSurfer.create({
      container: place,
      media: audio,
      peaks: peaks.channels,
      duration: peaks.seconds,
      splitChannels: channels(this.#mono),
      height: HALF_PX,
      barWidth: 2,
      barGap: 2,
      barRadius: 1,
      barMinHeight: 2,
      normalize: true,
      maxPeak: highest,
      cursorWidth: 2,
      cursorColor: token("accent"),
      dragToSeek: true,
      hideScrollbar: true,
      cspNonce: document.querySelector<HTMLElement>("script[nonce]")?.nonce ?? "",
    });
    this.#wave.on("interaction", (to) => this.seek(to));
    this.#wave.on("ready", () => {
      const from = Number(this.getAttribute("at"));
      if (!audio.played.length && from > 0) this.seek(from);
      this.toggleAttribute("drawn", true);
      this.#moved();
    });
  }

  #holds(): Span[] {
    const pairs = (this.getAttribute("holds") ?? "").split(" ").filter(Boolean);
    return pairs.map((pair) => pair.split("-").map(Number) as unknown as Span);
  }

  #colours = (): void => {
    this.#wave?.setOptions({ splitChannels: channels(this.#mono), cursorColor: token("accent") });
  };

  #click = (event: Event): void => {
    const target = event.target as Element;
    if (target.closest("[data-play]")) return this.#toggle();
    if (target.closest("[data-back]")) return this.seek(this.now - STEP_S);
    const rate = target.closest<HTMLElement>("[data-rate]");
    if (rate) localStorage.setItem(RATE_KEY, rate.dataset.rate ?? "1");
    else if (target.closest("[data-skip]")) localStorage.setItem(SKIP_KEY, this.#skips() ? "off" : "on");
    else return;
    this.#show();
  };

  #toggle(): void {
    const audio = this.#audio;
    if (!audio) return;
    if (this.playing) return audio.pause();
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    audio.playbackRate = this.#rate();
    void audio.play().catch(() => this.#failed());
  }

  #keys = (event: KeyboardEvent): void => {
    const target = event.target as Element;
    const own = target instanceof Element && target.closest("[data-slider]") !== null;
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.isComposing || typing(target)) return;
    if (!own && (!("shortcuts" in document.body.dataset) || document.querySelector("dialog[open]"))) return;
    if (!this.#key(event.code, target)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  #key(code: string, target: Element): boolean {
    const elsewhere = target instanceof Element && target.closest(".pop-menu, .scroller, [role=menu]") !== null;
    switch (code) {
      case "Space":
        if (elsewhere || target.closest("a, button, summary, select, label")) return false; // these have a Space of their own
        this.#toggle();
        return true;
      case "ArrowLeft":
      case "ArrowRight":
        if (elsewhere) return false;
        this.seek(this.now + (code === "ArrowLeft" ? -STEP_S : STEP_S));
        return true;
      case "BracketLeft":
      case "BracketRight":
        document.dispatchEvent(new CustomEvent("cx:turn", { detail: code === "BracketLeft" ? -1 : 1 }));
        return true;
      default:
        return false;
    }
  }

  #loaded = (): void => {
    if (this.#wanted !== undefined && this.#audio) this.#audio.currentTime = this.#wanted;
    this.#wanted = undefined;
    if (this.#audio) this.#audio.playbackRate = this.#rate();
  };

  /** The recording went on by itself: over what is silent, if that is wanted. */
  #went = (): void => {
    if (this.playing && this.#skips()) {
      const within = this.#quiet.find(([from, to]) => this.now >= from && this.now < to);
      if (within && this.#audio) this.#audio.currentTime = within[1];
    }
    this.#moved();
  };

  #moved = (): void => {
    const [now, playing] = [this.now, this.playing];
    this.toggleAttribute("playing", playing);
    const button = this.querySelector("[data-play]");
    button?.setAttribute("aria-label", (playing ? button.getAttribute("data-pause") : button.getAttribute("data-play")) ?? "");
    const time = this.querySelector("[data-time]");
    if (time) time.textContent = duration(1000 * now);
    const slider = this.querySelector("[data-slider]");
    if (slider && (!playing || Date.now() - this.#said > AGAIN_MS)) {
      this.#said = Date.now();
      slider.setAttribute("aria-valuenow", String(Math.floor(now)));
      slider.setAttribute("aria-valuetext", t("{at} of {count}", { at: duration(1000 * now), count: duration(1000 * this.seconds) }));
    }
    document.dispatchEvent(new CustomEvent("cx:time", { detail: now }));
  };

  #rate = (): number => Number(localStorage.getItem(RATE_KEY)) || 1;
  #skips = (): boolean => localStorage.getItem(SKIP_KEY) !== "off";

  #show(): void {
    if (this.#audio) this.#audio.playbackRate = this.#rate();
    for (const one of this.querySelectorAll<HTMLElement>("[data-rate]")) {
      one.setAttribute("aria-pressed", String(Number(one.dataset.rate) === this.#rate()));
    }
    this.querySelector("[data-skip]")?.setAttribute("aria-pressed", String(this.#skips()));
    this.#moved();
  }

  #failed(): void {
    this.removeAttribute("playing");
    for (const part of this.querySelectorAll("[data-gone]")) part.removeAttribute("hidden");
  }
}

customElements.define("cx-wave", Wave);
