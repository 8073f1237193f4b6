// <cx-alerts sound notify>: says a new alert aloud on any page of a supervisor who asked for it under Settings.
// Of several tabs one does: the first to write the alert's id down.

import { live } from "./live.ts";
import { ask } from "./page.ts";
import { play } from "./tones.ts";

type News = { id: string; n: number; level: "yellow" | "red"; title: string; text: string; url: string; sound: boolean };

const TONES = { red: [[0, 880], [0.25, 660], [0.5, 880]], yellow: [[0, 660]] } as const;
const SAID = "cx-alert-said";

class CxAlerts extends HTMLElement {
  #off?: () => void;

  connectedCallback(): void {
    if (!this.hasAttribute("sound") && !this.hasAttribute("notify")) return;
    this.#off = live.on("alerts", (message) => {
      const news = message.t === "patch" ? (message.d as { news?: string }).news : undefined;
      if (news) void this.#tell(news);
    });
  }

  disconnectedCallback(): void {
    this.#off?.();
  }

  async #tell(id: string): Promise<void> {
    try {
      const response = await ask(`/alerts/${id}/news`);
      if (response.status !== 200) return; // told to others, or over again
      const news = (await response.json()) as News;
      if (!(await claimed(`${news.id}:${news.level}:${news.n}`))) return;
      if (this.hasAttribute("sound") && news.sound) play(TONES[news.level]);
      if (this.hasAttribute("notify")) show(news);
    } catch {
      // No connection: the Live pill says so, and the bell counts the alert when it is back.
    }
  }
}

/** Whether this tab is the one that says it. */
async function claimed(name: string): Promise<boolean> {
  const look = (): boolean => {
    if (localStorage.getItem(SAID) === name) return false;
    localStorage.setItem(SAID, name);
    return true;
  };
  // Without HTTPS there are no locks; then two tabs may say it at the same moment.
  return "locks" in navigator ? navigator.locks.request(SAID, look) : look();
}

function show(news: News): void {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const note = new Notification(news.title, { body: news.text, tag: `cxcall-alert-${news.id}` });
  note.onclick = () => {
    window.focus();
    location.assign(news.url);
    note.close();
  };
}

customElements.define("cx-alerts", CxAlerts);
