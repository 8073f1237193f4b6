// <cx-clock since="ISO" limit-s="20">: time since then, counted here and not by messages; class "late" past the limit.
// <cx-clock until="ISO">: time left. <cx-when at="ISO">: "3 minutes ago". All by the server's clock, one timer for all.
import { digits, duration, language, now } from "./page.ts";

const shown = new Set<{ tick(): void }>();
let timer = 0;

function run(): void {
  clearTimeout(timer);
  timer = 0;
  if (!shown.size) return;
  for (const one of shown) one.tick();
  timer = window.setTimeout(run, 1000 - (now() % 1000) + 5);
}

abstract class Ticking extends HTMLElement {
  connectedCallback(): void {
    this.tick();
    shown.add(this);
    timer ||= window.setTimeout(run, 1000 - (now() % 1000) + 5);
  }

  disconnectedCallback(): void {
    shown.delete(this);
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.tick();
  }

  protected put(text: string): void {
    if (this.textContent !== text) this.textContent = text;
  }

  abstract tick(): void;
}

class Clock extends Ticking {
  static observedAttributes = ["since", "until"];

  override connectedCallback(): void {
    this.setAttribute("dir", "ltr");
    super.connectedCallback();
  }

  tick(): void {
    const until = Date.parse(this.getAttribute("until") ?? "");
    const since = Date.parse(this.getAttribute("since") ?? "");
    const ms = Number.isNaN(until) ? now() - since : until - now();
    if (Number.isNaN(ms)) return;
    this.put(duration(ms));
    const limit = Number(this.getAttribute("limit-s"));
    this.classList.toggle("late", limit > 0 && ms > limit * 1000);
  }
}

const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

class When extends Ticking {
  static observedAttributes = ["at"];

  tick(): void {
    const seconds = (Date.parse(this.getAttribute("at") ?? "") - now()) / 1000;
    if (Number.isNaN(seconds)) return;
    const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
    const latin = ago.format(Math.trunc(seconds / size), unit).replace(/[۰-۹]/g, (d) => String(d.charCodeAt(0) - 0x06f0));
    this.put(digits(latin));
  }
}

customElements.define("cx-clock", Clock);
customElements.define("cx-when", When);
