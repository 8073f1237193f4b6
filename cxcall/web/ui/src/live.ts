// One WebSocket for this tab. Every channel numbers its messages; after a cut we say the last numbers seen and get what
// was missed, or a "snap" that tells to fetch anew. A cut of under 3 s is nobody's business.

export type Message = { ch: string; seq: number; t: "patch" | "snap"; d: unknown };
export type Listener = (message: Message) => void;
export type State = "connecting" | "live" | "reconnecting";

const SAID_AFTER_MS = 3000;
const SIGNED_OUT = 4401;
const REFUSED = 4403;

export class Live {
  #socket: WebSocket | undefined;
  #listeners = new Map<string, Set<Listener>>();
  #seen = new Map<string, number>();
  #queue: Message[] = [];
  #frame = 0;
  #tries = 0;
  #saying = 0;
  #ended = false;
  #told = 0;
  state: State = "connecting";
  /** When the last message or connection was, by Date.now(): how old the data on the page may be. */
  fresh = Date.now();

  constructor(private readonly url: string) {
    document.addEventListener("visibilitychange", () => this.#tell());
    addEventListener("pagehide", () => this.#socket?.close());
    addEventListener("pageshow", (event) => event.persisted && this.#open());
    addEventListener("online", () => this.#socket?.readyState !== WebSocket.OPEN && this.#open());
  }

  /** Call `listener` for the messages of `channel` after number `seq`; the returned function ends that. */
  on(channel: string, listener: Listener, seq?: number): () => void {
    const listeners = this.#listeners.get(channel) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(channel, listeners);
    if (seq !== undefined && !this.#seen.has(channel)) this.#seen.set(channel, seq);
    if (this.#socket) this.#tellSoon();
    else this.#open();
    return () => {
      listeners.delete(listener);
      if (listeners.size || this.#listeners.get(channel) !== listeners) return;
      this.#listeners.delete(channel);
      this.#seen.delete(channel);
      this.#tellSoon();
    };
  }

  /** Open the socket even when nothing is subscribed yet, so that the page knows it is connected. */
  start(): void {
    if (!this.#socket) this.#open();
  }

  #open(): void {
    if (this.#ended) return;
    const socket = (this.#socket = new WebSocket(this.url));
    socket.onopen = () => {
      this.#tries = 0;
      this.fresh = Date.now();
      this.#set("live");
      this.#tell();
    };
    socket.onmessage = (event: MessageEvent<string>) => this.#take(JSON.parse(event.data) as Message);
    socket.onclose = (event) => {
      if (socket !== this.#socket) return;
      if (event.code === SIGNED_OUT || event.code === REFUSED) return this.#end();
      if (this.state === "live") this.fresh = Date.now();
      this.#saying ||= window.setTimeout(() => this.#set("reconnecting"), SAID_AFTER_MS);
      const wait = Math.min(8000, 500 * 2 ** this.#tries++) * (0.7 + Math.random() * 0.6);
      window.setTimeout(() => socket === this.#socket && this.#open(), wait);
    };
  }

  #take(message: Message): void {
    const last = this.#seen.get(message.ch);
    if (message.t === "patch" && last !== undefined) {
      if (message.seq <= last) return; // seen already
      if (message.seq > last + 1) return this.#tell(); // a gap: ask again from the last one seen
    }
    this.fresh = Date.now();
    this.#seen.set(message.ch, message.seq);
    this.#queue.push(message);
    if (document.hidden) this.#hand();
    else this.#frame ||= requestAnimationFrame(() => this.#hand());
  }

  #hand(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    for (const message of this.#queue.splice(0)) {
      for (const listener of [...(this.#listeners.get(message.ch) ?? [])]) listener(message);
    }
  }

  #tellSoon(): void {
    this.#told ||= window.setTimeout(() => this.#tell());
  }

  #tell(): void {
    clearTimeout(this.#told);
    this.#told = 0;
    if (this.#queue.length) this.#hand();
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    const sub = [...this.#listeners.keys()];
    const urgent = sub.some((channel) => channel.startsWith("desk:")); // a ringing phone can't wait for the tab
    const rate = document.hidden && !urgent ? "slow" : "normal";
    this.#socket.send(JSON.stringify({ sub, seq: Object.fromEntries(this.#seen), rate }));
  }

  #set(state: State): void {
    clearTimeout(this.#saying);
    this.#saying = 0;
    this.state = state;
    document.documentElement.dataset.live = state;
    document.dispatchEvent(new CustomEvent("cx:live", { detail: state }));
  }

  #end(): void {
    this.#ended = true;
    this.#set("reconnecting");
    document.dispatchEvent(new CustomEvent("cx:signed-out"));
  }
}

export const live = new Live(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
