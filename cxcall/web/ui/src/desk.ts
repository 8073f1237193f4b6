// The agent's desk: fetches its panel whenever something happens at the agent's phone, rings, and takes the keys.
// It never moves the focus; what is being typed stays (see morph.ts).

import { live } from "./live.ts";
import { morph } from "./morph.ts";
import { t } from "./page.ts";
import { toast } from "./toast.ts";
import { play } from "./tones.ts";

const TWICE_MS = 2000;
const MEMBER_MS = 250;
const KEYS: Record<string, string> = { F8: "mute", F9: "end" };

class CxDesk extends HTMLElement {
  #offs: (() => void)[] = [];
  #asked = 0;
  #shown = 0;
  #waiting = false;
  #again = false;
  /** When F9 was pressed for the first time, by performance.now(), which is small on a page just opened. */
  #armed = -Infinity;
  #soon = 0;
  #later = 0;
  #rung = new Set<string>();
  #bell = new Bell();

  connectedCallback(): void {
    const channels = (this.getAttribute("channels") ?? "").split(" ").filter(Boolean);
    this.#offs = channels.map((channel) => live.on(channel, (message) => this.#told(message.d)));
    this.addEventListener("cx:redraw", this.#redraw);
    document.addEventListener("change", this.#change);
    document.addEventListener("submit", this.#submit);
    document.addEventListener("keydown", this.#key);
    document.addEventListener("click", this.#click);
    document.addEventListener("visibilitychange", this.#visible);
    this.#happened();
  }

  disconnectedCallback(): void {
    for (const off of this.#offs) off();
    this.removeEventListener("cx:redraw", this.#redraw);
    document.removeEventListener("change", this.#change);
    document.removeEventListener("submit", this.#submit);
    document.removeEventListener("keydown", this.#key);
    document.removeEventListener("click", this.#click);
    document.removeEventListener("visibilitychange", this.#visible);
    this.#bell.stop();
    clearTimeout(this.#soon);
    clearTimeout(this.#later);
    this.#later = 0;
  }

  /** A call is fetched at once. What only tells a member's state comes with every ring and must not be in its way. */
  #told(data: unknown): void {
    clearTimeout(this.#soon);
    if (typeof data === "object" && data !== null && ("member" in data || "agent" in data)) {
      this.#soon = window.setTimeout(() => void this.refresh(), MEMBER_MS);
    } else void this.refresh();
  }

  /** Words come of a call that had none so far. */
  #redraw = (): void => {
    this.#later ||= window.setTimeout(() => {
      this.#later = 0;
      void this.refresh();
    }, MEMBER_MS);
  };

  /** A tick is sent as it is made. */
  #change = (event: Event): void => {
    (event.target as Element).closest<HTMLFormElement>("form[data-tick]")?.requestSubmit();
  };

  /** Fetch the panel; asked for again while one is under way, one more follows. */
  async refresh(): Promise<void> {
    if (this.#waiting) {
      this.#again = true;
      return;
    }
    this.#waiting = true;
    try {
      do {
        this.#again = false;
        await this.#take(fetch(this.getAttribute("src")!, { headers: { "X-Fragment": "1" } }));
      } while (this.#again);
    } catch {
      // No connection: the Live pill says so, and the next snapshot after it is back brings us here again.
    } finally {
      this.#waiting = false;
    }
  }

  /** Show an answer, unless a later one was shown meanwhile. */
  async #take(answer: Promise<Response>): Promise<boolean> {
    const ticket = ++this.#asked;
    const response = await answer;
    if (response.redirected || response.status === 401) location.reload();
    if (!response.ok) return false;
    const html = await response.text();
    if (ticket > this.#shown) {
      this.#shown = ticket;
      this.#show(html);
    }
    return true;
  }

  #show(html: string): void {
    const next = new DOMParser().parseFromString(html, "text/html");
    for (const part of [...next.body.children]) {
      const now = document.getElementById(part.id);
      if (now) morph(now, part);
    }
    this.#happened();
  }

  /** Title, ring and announcement follow from what the panel shows now. */
  #happened(): void {
    const title = document.getElementById("desk-state")?.dataset.title;
    if (title) document.title = title;
    const ringing = [...document.querySelectorAll<HTMLElement>("[data-ring]")];
    for (const one of ringing) {
      const id = one.dataset.ring!;
      if (this.#rung.has(id)) continue;
      this.#rung.add(id);
      this.#announce(one.dataset.name ?? "");
    }
    const ids = new Set(ringing.map((one) => one.dataset.ring!));
    for (const id of this.#rung) if (!ids.has(id)) this.#rung.delete(id);
    this.#showArmed();
    this.#visible();
  }

  #announce(name: string): void {
    const text = `${this.getAttribute("ring")}: ${name}`;
    const say = document.getElementById("desk-say");
    if (say) say.textContent = text;
    if (document.hidden && "Notification" in window && Notification.permission === "granted") {
      const note = new Notification(text, { tag: "cxcall-ring" });
      note.onclick = () => {
        window.focus();
        note.close();
      };
    }
  }

  /** The phone on the desk rings by itself; the page only rings where it can't be seen. */
  #visible = (): void => {
    if (this.hasAttribute("sound") && document.hidden && this.#rung.size > 0) this.#bell.start();
    else this.#bell.stop();
  };

  #submit = (event: SubmitEvent): void => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("form[data-act]")) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const note = document.getElementById("note-text") as HTMLTextAreaElement | null;
    if (form.hasAttribute("data-finish") && note) data.set("text", note.value);
    form.closest("details")?.removeAttribute("open");
    void this.#send(form.action, data, event.submitter as HTMLButtonElement | null, form.dataset.then);
  };

  /** `then`: who gets the focus when the button that had it is gone with what it was about. */
  async #send(action: string, data: FormData, button: HTMLButtonElement | null, then?: string): Promise<void> {
    if (button) button.setAttribute("aria-busy", "true");
    const body = new URLSearchParams([...data].map(([name, value]) => [name, String(value)]));
    try {
      if (!(await this.#take(fetch(action, { method: "POST", body, headers: { "X-Fragment": "1" } })))) this.#fail();
      else if (then && button && !button.isConnected) document.querySelector<HTMLElement>(then)?.focus();
    } catch {
      this.#fail();
    } finally {
      button?.removeAttribute("aria-busy");
    }
  }

  #fail(): void {
    toast(t("The server did not answer. Try again."), { bad: true });
  }

  #key = (event: KeyboardEvent): void => {
    if (event.ctrlKey && event.code === "Enter") {
      const button = document.querySelector<HTMLButtonElement>("form[data-finish] button");
      if (button && !button.disabled) {
        event.preventDefault();
        button.click();
      }
      return;
    }
    const name = KEYS[event.code];
    if (!name || event.ctrlKey || event.altKey || event.shiftKey || event.metaKey || event.repeat) return;
    const button = document.querySelector<HTMLButtonElement>(`[data-keys^="${event.code}"]`);
    if (!button) return;
    event.preventDefault();
    if (name === "end" && !this.#confirmed()) return;
    button.click();
  };

  /** F9 ends a call only when pressed twice within two seconds; the first time the button says so. */
  #confirmed(): boolean {
    const now = performance.now();
    if (now - this.#armed < TWICE_MS) {
      this.#armed = -Infinity;
      return true;
    }
    this.#armed = now;
    this.#showArmed();
    window.setTimeout(() => this.#showArmed(), TWICE_MS + 10);
    return false;
  }

  /** The button's words follow from whether F9 was just pressed, also when the panel was drawn anew meanwhile. */
  #showArmed(): void {
    const button = document.querySelector<HTMLElement>('[data-keys^="F9"]');
    const label = button?.querySelector<HTMLElement>("[data-label]");
    if (!button || !label) return;
    const armed = performance.now() - this.#armed < TWICE_MS;
    button.classList.toggle("armed", armed);
    label.textContent = armed ? this.getAttribute("again") : label.dataset.label!;
  }

  #click = (event: MouseEvent): void => {
    const opener = (event.target as Element).closest<HTMLElement>("[data-open]");
    const form = opener && document.getElementById(opener.dataset.open!);
    if (!opener || !form) return;
    const open = form.classList.toggle("open");
    opener.setAttribute("aria-expanded", String(open));
    if (open) form.querySelector<HTMLElement>("input:not([type=hidden])")?.focus();
  };
}

/** Two short tones every three seconds. */
class Bell {
  #timer = 0;

  start(): void {
    if (this.#timer) return;
    this.#ring();
    this.#timer = window.setInterval(() => this.#ring(), 3000);
  }

  stop(): void {
    window.clearInterval(this.#timer);
    this.#timer = 0;
  }

  #ring(): void {
    play([[0, 660], [0.22, 880]]);
  }
}

/** A button that asks for notifications, shown only while the browser was never asked. */
class CxNotify extends HTMLElement {
  connectedCallback(): void {
    if (!("Notification" in window) || Notification.permission !== "default" || this.firstElementChild) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn s";
    button.textContent = this.getAttribute("ask");
    button.onclick = async () => {
      await Notification.requestPermission();
      this.hidden = true;
    };
    this.append(button);
    this.hidden = false;
  }
}

customElements.define("cx-desk", CxDesk);
customElements.define("cx-notify", CxNotify);
