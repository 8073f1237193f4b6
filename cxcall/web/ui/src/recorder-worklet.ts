// Runs beside the page, in the audio's own thread: hands what the microphone gives to the recorder, some 20 times a second.
// The browser gives such a file its own small world; these are its only names that are used here.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: unknown): void;
declare const sampleRate: number;

class Recorder extends AudioWorkletProcessor {
  #block = new Float32Array(Math.round(sampleRate / 20));
  #filled = 0;

  process(inputs: Float32Array[][]): boolean {
    for (const sample of inputs[0]?.[0] ?? []) {
      this.#block[this.#filled++] = sample;
      if (this.#filled === this.#block.length) {
        this.port.postMessage(this.#block);
        this.#filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("recorder", Recorder);
