// <cx-recorder action="…/sound" worklet="…">: records by the browser's microphone, sends the recording as a WAV file and goes
// on to the page that plays it, or that its answer names (X-Go). `with`: id of a form whose other fields go along. Browsers give the microphone over HTTPS or from this machine only.
import { ask, duration, t } from "./page.ts";
import { wav } from "./wav.ts";

const LONGEST_MS = 120_000;
const SENT_WITHIN_MS = 30_000;

type Running = { context: AudioContext; stream: MediaStream; pieces: Float32Array[]; began: number; timer: number };

class Recorder extends HTMLElement {
  #running: Running | undefined;
  #busy = false;

  connectedCallback(): void {
    this.hidden = false;
    this.#button?.addEventListener("click", this.#click);
  }

  disconnectedCallback(): void {
    this.#button?.removeEventListener("click", this.#click);
    this.#end();
  }

  get #button(): HTMLButtonElement | null {
    return this.querySelector("[data-record]");
  }

  #click = (): void => {
    if (this.#busy) return;
    this.#busy = true;
    const done = this.#running ? this.#send() : this.#begin();
    void done.catch((error: unknown) => this.#say(why(error))).finally(() => { this.#busy = false; });
  };

  async #begin(): Promise<void> {
    this.#say("");
    if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    const context = new AudioContext();
    const running: Running = { context, stream, pieces: [], began: performance.now(), timer: 0 };
    this.#running = running;
    await context.audioWorklet.addModule(this.getAttribute("worklet") ?? "");
    const node = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      running.pieces.push(data);
      this.#loudness(data);
    };
    context.createMediaStreamSource(stream).connect(node);
    running.began = performance.now();
    running.timer = window.setInterval(() => this.#tick(running), 200);
    this.#show(true);
  }

  #tick(running: Running): void {
    const so = performance.now() - running.began;
    const time = this.querySelector("[data-time]");
    if (time) time.textContent = duration(so);
    if (so >= LONGEST_MS) this.#button?.click();
  }

  #loudness(data: Float32Array): void {
    const meter = this.querySelector("meter");
    if (meter) meter.value = Math.min(1, 4 * Math.sqrt(data.reduce((sum, sample) => sum + sample * sample, 0) / data.length));
  }

  async #send(): Promise<void> {
    const running = this.#end();
    if (!running) return;
    const others = document.getElementById(this.getAttribute("with") ?? "");
    const form = new FormData(others instanceof HTMLFormElement ? others : undefined);
    form.set("source", "browser");
    form.set("file", wav(running.pieces, running.context.sampleRate), "recording.wav");
    const answer = await ask(this.getAttribute("action") ?? "", { method: "POST", body: form, redirect: "manual" }, SENT_WITHIN_MS);
    const go = answer.headers.get("X-Go");
    if (go) location.assign(go);
    else if (answer.type === "opaqueredirect") location.assign(`${location.pathname}?done=made&who=${(this.getAttribute("action") ?? "").split("/").at(-2)}`);
    else this.#say(answer.headers.get("Content-Type")?.startsWith("text/plain") ? await answer.text() : t("The server did not answer. Try again."));
  }

  /** Let the microphone go; what was recorded, if something was. */
  #end(): Running | undefined {
    const running = this.#running;
    this.#running = undefined;
    if (running) {
      clearInterval(running.timer);
      for (const track of running.stream.getTracks()) track.stop();
      void running.context.close();
    }
    this.#show(false);
    return running;
  }

  #show(running: boolean): void {
    const word = this.querySelector("[data-word]");
    if (word) word.textContent = running ? t("Stop and listen") : t("Record here");
    this.#button?.setAttribute("aria-pressed", String(running));
    const shown = this.querySelector<HTMLElement>("[data-running]");
    if (shown) shown.hidden = !running;
  }

  #say(problem: string): void {
    if (problem) this.#end();
    const place = this.querySelector<HTMLElement>("[data-problem]");
    if (!place) return;
    place.textContent = problem;
    place.hidden = !problem;
  }
}

/** What went wrong, and what to do about it. */
function why(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return t("The microphone was refused. Allow it for this site in the browser, then record again.");
  if (name === "NotFoundError") return t("No microphone was found. Connect one, or send a file.");
  if (name === "SecurityError") return t("Browsers give a page the microphone only over HTTPS. Send a file, or record by phone.");
  if (name === "NotReadableError") return t("Another program holds the microphone. Close it, then record again.");
  if (name === "TimeoutError") return t("The server did not answer. Try again.");
  return t("Recording did not work in this browser. Send a file, or record by phone.");
}

customElements.define("cx-recorder", Recorder);
