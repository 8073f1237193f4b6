// <cx-player>: a play button, the shape of what was said and its time around the <audio> the server wrote, which is what
// is there without scripts. Only one of a page plays at a time; the arrow keys move by 5 seconds.
import { duration } from "./page.ts";

const STEP_S = 5;

class Player extends HTMLElement {
  #audio: HTMLAudioElement | undefined;

  connectedCallback(): void {
    this.addEventListener("click", this.#click);
    this.addEventListener("keydown", this.#key);
    document.addEventListener("cx:refreshed", this.#prepare);
    this.#prepare();
  }

  disconnectedCallback(): void {
    document.removeEventListener("cx:refreshed", this.#prepare);
    this.#audio?.pause();
  }

  /** Take the place of the browser's own controls; again when newer HTML brought them back. */
  #prepare = (): void => {
    const audio = this.querySelector("audio");
    if (!audio) return;
    audio.controls = false;
    audio.hidden = true;
    for (const part of this.querySelectorAll<HTMLElement>("[data-scripted]")) part.hidden = false;
    if (audio === this.#audio) return;
    this.#audio = audio;
    for (const name of ["play", "pause", "ended", "timeupdate", "error"]) audio.addEventListener(name, this.#told);
  };

  #click = (event: Event): void => {
    const target = event.target as Element;
    const audio = this.#audio;
    if (!audio) return;
    if (target.closest("[data-play]")) {
      if (!audio.paused) return audio.pause();
      for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
      void audio.play().catch(() => this.#failed());
    }
  };

  #key = (event: KeyboardEvent): void => {
    const audio = this.#audio;
    if (!audio || !(event.target as Element).closest("[data-play]") || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = { ArrowLeft: -STEP_S, ArrowRight: STEP_S }[event.code];
    if (!step) return;
    event.preventDefault();
    audio.currentTime = Math.max(0, Math.min(audio.currentTime + step, this.#seconds()));
  };

  #told = (event: Event): void => {
    const audio = this.#audio;
    if (!audio) return;
    if (event.type === "error") return this.#failed();
    const playing = !audio.paused && !audio.ended;
    this.toggleAttribute("playing", playing);
    const button = this.querySelector("[data-play]");
    button?.setAttribute("aria-label", (playing ? button.getAttribute("data-pause") : button.getAttribute("data-play")) ?? "");
    const bars = this.querySelectorAll("rect");
    const heard = audio.ended ? 0 : (audio.currentTime / this.#seconds()) * bars.length;
    bars.forEach((bar, place) => bar.classList.toggle("heard", place < heard));
    const time = this.querySelector("[data-time]");
    if (time) time.textContent = duration(1000 * (playing || (audio.currentTime && !audio.ended) ? audio.currentTime : this.#seconds()));
  };

  #seconds(): number {
    return Number(this.getAttribute("seconds")) || this.#audio?.duration || 1;
  }

  #failed(): void {
    this.removeAttribute("playing");
    for (const part of this.querySelectorAll<HTMLElement>("[data-gone]")) part.hidden = false;
  }
}

customElements.define("cx-player", Player);
